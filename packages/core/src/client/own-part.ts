import type { MessageInput, Part } from '../types/message.ts';
import { record } from '../utils/read-value.ts';

const TYPES = new Set(['text', 'reasoning', 'refusal', 'tool-call', 'tool-result', 'source', 'file', 'data']);

/** Whether a part from JavaScript has the form of this package. */
export function isOwnPart(part: unknown): part is Part {
  const { type, text, mediaType } = record(part) ?? {};
  if (type === 'text') return typeof text === 'string';
  if (type === 'file') return typeof mediaType === 'string';
  return typeof type === 'string' && TYPES.has(type);
}

export function isOwnMessage({ role, content, parts }: MessageInput): boolean {
  if (role === undefined) return false;
  return Array.isArray(parts) ? parts.every(isOwnPart) : typeof content === 'string';
}
