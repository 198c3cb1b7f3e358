import type { Part } from '../types/message.ts';
import type { CallOptions, GenerateRequest } from '../types/request.ts';
import type { ChatFiles } from './file-parts.ts';

/** What one send, and the steps that follow from it, say otherwise than the options of the chat, field by field. */
export interface ChatRequestOptions
  extends Omit<GenerateRequest, 'prompt' | 'messages' | 'tools' | 'conversation'>, Omit<CallOptions, 'signal'> {}

/** A message of the user. A string stands for `{ text }`. */
export interface ChatInput {
  readonly text?: string | undefined;
  /** From an input, a drop or the clipboard, or as parts. They come before the text. */
  readonly files?: ChatFiles | undefined;
  /** Further parts, after the text. */
  readonly parts?: readonly Part[] | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Default: a new one. */
  readonly id?: string | undefined;
  /** The earlier message of the user that this one stands in for: a branch of its own, the other one is kept. */
  readonly messageId?: string | undefined;
}
