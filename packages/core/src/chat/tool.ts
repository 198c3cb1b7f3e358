import type { MessageInput } from '../message.ts';
import { toJsonSchema } from '../object/schema/to-json-schema.ts';
import type { InferOutput, StandardSchema } from '../object/standard-schema.ts';

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
   * Carries the call out, in the page. What it returns goes to the model as JSON, what it throws as an error. Without it
   * the call waits for `addToolOutput`.
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

/** A tool that a chat offers to the model. */
export interface Tool<Schema extends StandardSchema = StandardSchema, Output = unknown> {
  readonly description?: string | undefined;
  readonly inputSchema: Schema;
  readonly strict?: boolean | undefined;
  execute?(input: InferOutput<Schema>, context: ToolContext): Output | Promise<Output>;
  /** Whether this call waits for a person. */
  asksFirst(input: InferOutput<Schema>, context: ToolContext): boolean | Promise<boolean>;
  /** JSON Schema of the arguments. */
  toJSONSchema(): Readonly<Record<string, unknown>>;
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
  const { jsonSchema, needsApproval, hasEffects = false, ...rest } = options;
  let made: Readonly<Record<string, unknown>> | undefined;
  return {
    ...rest,
    asksFirst: (input, context) =>
      typeof needsApproval === 'function' ? needsApproval(input, context) : (needsApproval ?? hasEffects),
    toJSONSchema: () => (made ??= toJsonSchema(options.inputSchema, jsonSchema)),
  };
}
