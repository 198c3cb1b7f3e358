import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { LLMError } from '../errors/error.ts';
import { newId } from '../utils/id.ts';
import type { MessageInput, ToolCallPart } from '../types/message.ts';
import { mayBeInexact } from '../json/inexact-number.ts';
import { planChunk } from '../object/strategy-chunk.ts';
import { validate } from '../schema/validate.ts';
import { createRestore } from '../schema/strip-placeholder-nulls.ts';
import { toJsonSchema } from '../schema/to-json-schema.ts';
import { record } from '../utils/read-value.ts';
import {
  isStandardSchema,
  type InferOutput,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
} from '../types/standard-schema.ts';
import { isObject } from '../utils/merge-bodies.ts';
import { completeToolCall } from '../providers/shared/tool-call.ts';
import { abortable } from '../utils/abortable.ts';
import { thrownMessage } from '../errors/thrown.ts';
import { excerpt } from '../utils/excerpt.ts';

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
  /**
   * Whether a person has to allow the call first, with `addToolApprovalResponse`. Any other value than `false` asks.
   * @default `hasEffects`
   */
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
   * Returns arguments as the model wrote them, whole or so far, without the nulls that stand for absent properties. Nothing
   * is checked.
   */
  readInput(input: unknown): unknown;
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

const TOOL_FIELDS: Fields = {
  description: 'a string',
  inputSchema: 'anything',
  jsonSchema: 'an object',
  strict: 'a boolean',
  execute: 'a function',
  // Any other value than `false` asks.
  needsApproval: 'anything',
  hasEffects: 'a boolean',
};

/** Schemas of arktype are functions, which a rule for objects would refuse. */
function checkToolOptions(options: unknown): void {
  checkOptions('tool', options, TOOL_FIELDS);
  const schema: unknown = record(options)?.['inputSchema'];
  if (isStandardSchema(schema) && record(schema['~standard'])) return;
  throw new LLMError(
    `tool: inputSchema must be a Standard Schema (zod, valibot, arktype), not ${kindOf(schema)}; z.fromJSONSchema makes one of a JSON Schema`,
    { code: 'config' },
  );
}

/** Tools by their names. */
export type ToolSet = Readonly<Record<string, Tool>>;

/** What the results of a tool are. */
export type ToolOutput<T> = T extends Tool<infer _, infer Output> ? Output : unknown;

/**
 * A tool with its types: the schema gives those of the input, `execute` that of the output.
 *
 * Where there is no `execute`, the type of the output can be named: `tool<typeof schema, string>({ inputSchema: schema })`.
 *
 * @throws {LLMError} with code `config` that names the option that is unknown, wrong or missing.
 */
export function tool<Schema extends StandardSchema, Output = unknown>(
  options: ToolOptions<Schema, Output>,
): Tool<Schema, Output> {
  checkToolOptions(options);
  const { description, inputSchema, strict, jsonSchema, execute, hasEffects } = options;
  const needsApproval = options.needsApproval ?? hasEffects ?? false;
  let made: Readonly<Record<string, unknown>> | undefined;
  let restore: ((input: unknown) => unknown) | undefined;

  function toJSONSchema(): Readonly<Record<string, unknown>> {
    made ??= toJsonSchema(inputSchema, jsonSchema);
    return made;
  }

  function readInput(input: unknown): unknown {
    restore ??= createRestore(toJSONSchema());
    return restore(input);
  }

  /** The arguments, and what the schema makes of a copy, which a validator may change. Numbers that JavaScript cannot represent are text in the input. */
  async function check(rawInput: string, written: unknown): Promise<CheckedInput> {
    if (!mayBeInexact(rawInput)) {
      const input = readInput(written);
      return { input, checked: await validate(inputSchema, structuredClone(input)) };
    }
    const { parseExactly, validateExactly } = await planChunk.load();
    const { value, numbers } = parseExactly(rawInput);
    const input = readInput(value);
    return { input, checked: await validateExactly(inputSchema, structuredClone(input), numbers) };
  }

  return {
    description,
    inputSchema,
    strict,
    toJSONSchema,
    readInput,
    async answer(call, context, update) {
      const { name, approval } = call;

      function refuse(error: NonNullable<ToolCallPart['error']>): CallResult<Output> {
        update({ ...call, error });
        return { output: error.message, isError: true };
      }

      // What does not fit the JSON Schema is for the schema to decide.
      const { input: written, error } =
        call.error?.code === 'parse' ? call : completeToolCall(call.id, name, call.rawInput);
      if (error) return refuse(error);
      try {
        const { input, checked } = await check(call.rawInput, written);
        if (checked.issues) {
          // The history has `{}` in place of arguments that are not an object, so the result quotes them.
          const quote = isObject(input) ? '' : `. Received: ${excerpt(call.rawInput)}`;
          const message = `The arguments of ${name} are invalid: ${checked.issues.map(toText).join('; ')}${quote}`;
          return refuse(new LLMError(message, { code: 'validation' }) as typeof call.error & Error);
        }
        const value = checked.value as InferOutput<Schema>;
        const isUndecided = approval?.approved === undefined;
        const needed: unknown =
          isUndecided && (typeof needsApproval === 'function' ? await needsApproval(value, context) : needsApproval);
        // Only `false` goes without a person: a function may have forgotten to return.
        const asksFirst = needed !== false;
        update({
          ...call,
          ...(call.error && { error: undefined }),
          input,
          ...(asksFirst && { approval: approval ?? { id: newId() } }),
        });
        if (asksFirst) return undefined;
        if (approval?.approved === false) {
          return { output: `The user denied this${approval.reason ? `: ${approval.reason}` : ''}`, isError: true };
        }
        return (
          execute && { output: (await abortable((async () => execute(value, context))(), context.signal)) ?? null }
        );
      } catch (thrown) {
        context.signal.throwIfAborted();
        return { output: thrownMessage(thrown), isError: true };
      }
    },
  };
}

interface CheckedInput {
  readonly input: unknown;
  readonly checked: SchemaResult<unknown>;
}

function toText({ path = [], message }: SchemaIssue): string {
  const keys = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.');
  return keys ? `${keys}: ${message}` : message;
}
