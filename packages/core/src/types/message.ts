/**
 * What a provider attached to a part: thinking signatures, reasoning items, encrypted content. Keyed by provider name,
 * kept and sent back untouched, because several providers reject a history that lost it.
 */
export type ProviderMetadata = Readonly<Record<string, unknown>>;

interface PartBase {
  readonly providerMetadata?: ProviderMetadata | undefined;
}

export interface TextPart extends PartBase {
  readonly type: 'text';
  readonly text: string;
}

/** What the model thought before it answered, where the provider shows it. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning';
  readonly text: string;
}

/** The model declined to answer, in its own words. */
export interface RefusalPart extends PartBase {
  readonly type: 'refusal';
  readonly text: string;
}

/** What a backend asks of a person before it runs a tool, and the answer. */
export interface ToolApproval {
  readonly id: string;
  /** Absent until it is decided. */
  readonly approved?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** A call that the model asks for. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them, growing while they stream. */
  readonly rawInput: string;
  /** The parsed arguments; present once they are complete and parse as JSON. Empty arguments are `{}`. */
  readonly input?: unknown;
  /** Set when the complete arguments are not JSON (`parse`), or when the schema of the tool refuses them (`validation`). */
  readonly error?: (Error & { readonly code: 'parse' | 'validation' }) | undefined;
  /** Set when a person has to decide whether the tool may run. */
  readonly approval?: ToolApproval | undefined;
}

export interface ToolCallPart extends PartBase, ToolCall {
  readonly type: 'tool-call';
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly name?: string | undefined;
  readonly output: unknown;
  /** The tool failed and `output` says how. */
  readonly isError?: boolean | undefined;
  /** The tool is still at work: a later `output` replaces this one. */
  readonly preliminary?: boolean | undefined;
}

/** Something that the answer cites. */
export interface SourcePart extends PartBase {
  readonly type: 'source';
  readonly id?: string | undefined;
  readonly url?: string | undefined;
  readonly title?: string | undefined;
  /** Of a document, which has no `url`. */
  readonly mediaType?: string | undefined;
  readonly filename?: string | undefined;
}

/** An image, a document, or any other file: `url` (https or `data:`), or base64 `data`. */
export interface FilePart extends PartBase {
  readonly type: 'file';
  readonly mediaType: string;
  readonly url?: string | undefined;
  readonly data?: string | undefined;
  readonly filename?: string | undefined;
}

/** Data of the application's own, sent by its backend. */
export interface DataPart extends PartBase {
  readonly type: 'data';
  readonly name: string;
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** One piece of a message, told apart by `type`. New types may come in a minor version. */
export type Part =
  | TextPart
  | ReasoningPart
  | RefusalPart
  | ToolCallPart
  | ToolResultPart
  | SourcePart
  | FilePart
  | DataPart;

export type Role = 'system' | 'user' | 'assistant' | 'tool';

export interface Message {
  readonly id: string;
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly parentId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

interface MessageInputBase {
  readonly id?: string | undefined;
  readonly parentId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A message as a request takes it: a `Message`, or the short form with `content`, which stands for one text part. The
 * result of a tool is a part that names its call, so it has no short form.
 */
export type MessageInput = MessageInputBase &
  (
    | { readonly role: Role; readonly parts: readonly Part[]; readonly content?: undefined }
    | { readonly role: Exclude<Role, 'tool'>; readonly content: string; readonly parts?: undefined }
  );

/** The parts of a message in either form. */
export function partsOf(message: MessageInput): readonly Part[] {
  if (message.parts) return message.parts;
  // JavaScript may write a list of parts.
  const content: string | readonly Part[] = message.content;
  return Array.isArray(content) ? content : [{ type: 'text', text: message.content }];
}

/** The text of a message, whether it has `content` or `parts`: its text parts, joined. Default, without a message: ''. */
export function messageText(message: MessageInput | undefined): string {
  return message ? textOf(partsOf(message), 'text') : '';
}

/** The text of the parts of one type, joined. Not flattened, so it costs the number of the parts. */
export function textOf(parts: readonly Part[], type: 'text' | 'reasoning' | 'refusal'): string {
  return parts.reduce((text, part) => (part.type === type ? text + part.text : text), '');
}
