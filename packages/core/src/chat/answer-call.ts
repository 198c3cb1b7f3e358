import { LLMError } from '../error.ts';
import { newId } from '../id.ts';
import type { ToolCallPart } from '../message.ts';
import type { SchemaIssue } from '../object/standard-schema.ts';
import { completeToolCall } from '../providers/tool-call.ts';
import { abortable } from '../run/abortable.ts';
import type { ToolContext, ToolSet } from './tool.ts';

/** The tool of this name, if it is one of the record's own: the model may ask for `constructor`. */
export function toolOf(tools: ToolSet, name: string): ToolSet[string] | undefined {
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}

export interface CallResult {
  readonly output: unknown;
  readonly isError?: true;
}

/**
 * Checks a call and carries it out. What is wrong is told to the model, as the result. Without a result the call waits for
 * a person.
 * @param update takes what is known of the call by now.
 */
export async function answerCall(
  given: ToolCallPart,
  tools: ToolSet,
  context: ToolContext,
  update: (call: ToolCallPart) => void,
): Promise<CallResult | undefined> {
  const { id, name, rawInput, approval } = given;
  const tool = toolOf(tools, name);

  function fail(output: string, error?: ToolCallPart['error']): CallResult {
    if (error && error !== given.error) update({ ...given, error });
    return { output, isError: true };
  }

  if (!tool) return fail(`There is no tool ${name}, only: ${Object.keys(tools).join(', ')}`);
  const { input, error } = given.error ? given : completeToolCall(id, name, rawInput);
  if (error) return fail(error.message, error);
  try {
    const checked = await tool.inputSchema['~standard'].validate(input);
    if (checked.issues) {
      const message = `The arguments of ${name} are invalid: ${checked.issues.map(toText).join('; ')}`;
      return fail(message, new LLMError(message, { code: 'validation' }) as ToolCallPart['error']);
    }
    const { value } = checked;
    const isUndecided = approval?.approved === undefined;
    const asksFirst = isUndecided && (await tool.asksFirst(value, context));
    update({ ...given, input, ...(asksFirst && { approval: approval ?? { id: newId() } }) });
    if (asksFirst) return undefined;
    if (approval?.approved === false) {
      return fail(`The user denied this${approval.reason ? `: ${approval.reason}` : ''}`);
    }
    const { execute } = tool;
    if (!execute) return undefined;
    return { output: (await abortable((async () => execute(value, context))(), context.signal)) ?? null };
  } catch (thrown) {
    context.signal.throwIfAborted();
    return fail(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function toText({ path = [], message }: SchemaIssue): string {
  const keys = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.');
  return keys ? `${keys}: ${message}` : message;
}
