import type { MessageInput, Part, Role } from '../types/message.ts';
import { record, text, type UnknownRecord } from '../utils/read-value.ts';
import { invalidRequest } from './invalid-request.ts';

const ROLES: readonly Role[] = ['system', 'user', 'assistant', 'tool'];

/** What a part cannot do without: all of it is text. A request refuses a part without it, and a storage cannot read it. */
const REQUIRED: Readonly<Record<Part['type'], readonly string[]>> = {
  text: ['text'],
  reasoning: ['text'],
  refusal: ['text'],
  'tool-call': ['id', 'name', 'rawInput'],
  'tool-result': ['toolCallId'],
  source: [],
  file: ['mediaType'],
  data: ['name'],
};

const requiredByType = new Map<unknown, readonly string[]>(Object.entries(REQUIRED));

/**
 * @param path where the part is, for the error: `parts[0]`.
 * @throws {LLMError} with code `invalid_request` if it is not a part of this package, or lacks its content.
 */
export function checkPart(part: unknown, path: string): asserts part is Part {
  const fields = record(part);
  const required = requiredByType.get(fields?.['type']);
  if (!fields || !required) {
    throw invalidRequest(
      `${path} is not a part: write { type: 'text', text } or { type: 'file', mediaType, url } (or data, as base64)`,
    );
  }
  const isWrong = (name: string): boolean => typeof fields[name] !== 'string';
  const wrong = required.find(isWrong) ?? ['url', 'data'].find((name) => isWrongContent(fields, name));
  if (wrong !== undefined) throw invalidRequest(`${path}.${wrong} must be text`);
}

/** `data` is text in a file alone. */
function isWrongContent(fields: UnknownRecord, name: string): boolean {
  if (name === 'data' && fields['type'] !== 'file') return false;
  return fields[name] !== undefined && text(fields[name]) === undefined;
}

/**
 * @param what takes the messages, for the error.
 * @throws {LLMError} with code `invalid_request` that names the first message or part that a chat cannot hold.
 */
export function checkMessages(messages: unknown, what: string): asserts messages is readonly MessageInput[] {
  if (!Array.isArray(messages)) throw invalidRequest(`${what} takes a list of messages`);
  messages.forEach((message: unknown, index) => checkMessage(message, `messages[${index}]`));
}

function checkMessage(message: unknown, path: string): void {
  const fields = record(message);
  if (!fields) throw invalidRequest(`${path} is not a message: write { role, content } or { role, parts }`);
  const { id, role, content, parts = content } = fields;
  if (!ROLES.some((known) => known === role)) {
    throw invalidRequest(`${path}.role must be ${ROLES.map((known) => `'${known}'`).join(' or ')}`);
  }
  if (id !== undefined && typeof id !== 'string') throw invalidRequest(`${path}.id must be text`);
  if (Array.isArray(parts)) {
    parts.forEach((part: unknown, at) => checkPart(part, `${path}.parts[${at}]`));
    return;
  }
  if (fields['parts'] !== undefined || typeof content !== 'string') {
    throw invalidRequest(`${path} has no content: write a text, or a list of parts`);
  }
}
