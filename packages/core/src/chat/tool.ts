import { LLMError } from '../error.ts';
import { newId } from '../id.ts';
import type { MessageInput, ToolCallPart } from '../message.ts';
import { toJsonSchema } from '../object/schema/to-json-schema.ts';
import type { InferOutput, SchemaIssue, StandardSchema } from '../standard-schema.ts';
import { isObject } from '../providers/merge-bodies.ts';
import { completeToolCall } from '../providers/tool-call.ts';
import { abortable } from '../run/abortable.ts';
import { excerpt } from '../wire/excerpt.ts';
import { thrownText } from './thrown-text.ts';

/** What a tool is told besides its input. */
export interface ToolContext {
  /** Aborted when the chat is stopped. */
  readonly signal: AbortSignal;
  readonly toolCallId: string;
  /** The conversation up to, and with, the message that calls. */
  readonly messages: readonly MessageInput[];
}

/** What a tool is made of. */
export interface ToolOptions<Schema extends StandardSchema, Output> {
  /** What it does and when to use it, for the model. */
  readonly description?: string | undefined;
  /** Of the arguments. What the model sends is checked with it before anything else happens. */
  readonly inputSchema: Schema;
  /** JSON Schema of the arguments, where `inputSchema` cannot tell it (valibot). */
  readonly jsonSchema?: object | undefined;
  /** Asks the provider to hold the arguments to the schema. Default: what the provider does. */
  readonly strict?: boolean | undefined;
  /**
   * Carries the call out, in the page. What it returns goes to the model as JSON, what it throws as an error; a value that
   * JSON cannot represent (a BigInt, a cycle, a Map, a Response), or of more than 16 Mi characters, is an error too. Without
   * it the call waits for `addToolOutput`.
   */
  execute?(input: InferOutput<Schema>, context: ToolContext): Output | Promise<Output>;
  /** Whether a person has to allow the call first, with `addToolApprovalResponse`. Default: `hasEffects`. */
  needsApproval?:
    | boolean
    | undefined
    | ((input: InferOutput<Schema>, context: ToolContext) => boolean | Promise<boolean>);
  /** It changes something: sends, buys, deletes. Default false. */
  readonly hasEffects?: boolean | undefined;
}

/** What is sent back to the model for a call. */
export interface CallResult<Output = unknown> {
  readonly output: Output | string | null;
  /** The call failed, and `output` says how. */
  readonly isError?: true;
}

/** A tool that a chat offers to the model: made by `tool`. */
export interface Tool<Schema extends StandardSchema = StandardSchema, Output = unknown> {
  readonly description?: string | undefined;
  readonly inputSchema: Schema;
  readonly strict?: boolean | undefined;
  /** JSON Schema of the arguments. */
  toJSONSchema(): Readonly<Record<string, unknown>>;
  /**
   * Checks a call and carries it out. What is wrong is the result, for the model. Without a result the call waits for a
   * person. Throws the reason of the signal when that aborts.
   * @param update takes what is known of the call by now.
   */
  answer(
    call: ToolCallPart,
    context: ToolContext,
    update: (call: ToolCallPart) => void,
  ): Promise<CallResult<Output> | undefined>;
}

/** Tools by their names. */
export type ToolSet = Readonly<Record<string, Tool>>;

/** What the results of a tool are. */
export type ToolOutput<T> = T extends Tool<infer _, infer Output> ? Output : unknown;

/**
 * A tool with its types: the schema gives those of the input, `execute` that of the output.
 *
 * Where there is no `execute`, the type of the output can be named: `tool<typeof schema, string>({ inputSchema: schema })`.
 */
export function tool<Schema extends StandardSchema, Output = unknown>(
  options: ToolOptions<Schema, Output>,
): Tool<Schema, Output> {
  const { description, inputSchema, strict, jsonSchema, execute, hasEffects, needsApproval = hasEffects } = options;
  let made: Readonly<Record<string, unknown>> | undefined;
  return {
    description,
    inputSchema,
    strict,
    toJSONSchema: () => (made ??= toJsonSchema(inputSchema, jsonSchema)),
    async answer(call, context, update) {
      const { name, approval } = call;

      function refuse(error: NonNullable<ToolCallPart['error']>): CallResult<Output> {
        update({ ...call, error });
        return { output: error.message, isError: true };
      }

      const { input, error } = call.error ? call : completeToolCall(call.id, name, call.rawInput);
      if (error) return refuse(error);
      try {
        // A copy of its own: a validator, or the tool, may change the object.
        const checked = await inputSchema['~standard'].validate(structuredClone(input));
        if (checked.issues) {
          // The history has `{}` in place of arguments that are not an object, so the result quotes them.
          const quote = isObject(input) ? '' : `. Received: ${excerpt(call.rawInput)}`;
          const message = `The arguments of ${name} are invalid: ${checked.issues.map(toText).join('; ')}${quote}`;
          return refuse(new LLMError(message, { code: 'validation' }) as typeof call.error & Error);
        }
        const value = checked.value as InferOutput<Schema>;
        const asksFirst =
          approval?.approved === undefined &&
          (typeof needsApproval === 'function' ? await needsApproval(value, context) : needsApproval);
        update({ ...call, input, ...(asksFirst && { approval: approval ?? { id: newId() } }) });
        if (asksFirst) return undefined;
        if (approval?.approved === false) {
          return { output: `The user denied this${approval.reason ? `: ${approval.reason}` : ''}`, isError: true };
        }
        return (
          execute && { output: (await abortable((async () => execute(value, context))(), context.signal)) ?? null }
        );
      } catch (thrown) {
        context.signal.throwIfAborted();
        return { output: thrownText(thrown), isError: true };
      }
    },
  };
}

function toText({ path = [], message }: SchemaIssue): string {
  const keys = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.');
  return keys ? `${keys}: ${message}` : message;
}
