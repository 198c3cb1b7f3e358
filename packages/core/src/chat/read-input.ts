import type { FilePart, Part } from '../types/message.ts';
import { filledText, record } from '../utils/read-value.ts';
import type { ChatInput } from './chat-input.ts';
import { checkPart } from './check-messages.ts';
import { invalidRequest } from './invalid-request.ts';
import { toJsonValue } from './json-value.ts';

/**
 * The input of `sendMessage`, with its data as JSON: what a request or a storage cannot represent is refused before it is
 * part of the chat.
 * @throws {LLMError} with code `invalid_request` that names the field.
 */
export function readInput(input: string | ChatInput): ChatInput {
  if (typeof input === 'string') return { text: input };
  if (!record(input)) throw invalidRequest('sendMessage takes text, or an object such as { text }');
  const { text, parts, metadata, id } = input;
  if (text !== undefined && typeof text !== 'string') throw invalidRequest('text of a message must be text');
  if (parts !== undefined && !Array.isArray(parts)) throw invalidRequest('parts of a message must be a list');
  if (id !== undefined && filledText(id) === undefined) {
    throw invalidRequest('id of a message must be text that is not empty');
  }
  return { ...input, parts: parts?.map(readPart), metadata: readMetadata(metadata) };
}

/** The files of a message, as a list that stays the same when the input that they come from is emptied. */
export function readFiles(files: ChatInput['files']): (File | FilePart)[] {
  const list = Array.from(files ?? []);
  list.forEach((file, index) => {
    const isFile = file instanceof Blob || filledText(record(file)?.['mediaType']) !== undefined;
    if (!isFile) throw invalidRequest(`files[${index}] is neither a File nor a file part with a mediaType`);
  });
  return list;
}

/** Content of a file is left as it is: it may be large, and is text already. */
function readPart(part: Part, index: number): Part {
  const path = `parts[${index}]`;
  checkPart(part, path);
  if (part.type !== 'file') return toJsonValue(part, path) as Part;
  const { data, url, ...rest } = part;
  const file = toJsonValue(rest, path) as FilePart;
  return { ...file, ...(data !== undefined && { data }), ...(url !== undefined && { url }) };
}

/** @throws {LLMError} with code `invalid_request` for metadata that is not an object of JSON. */
export function readMetadata(metadata: ChatInput['metadata']): ChatInput['metadata'] {
  if (metadata === undefined) return undefined;
  const value = record(toJsonValue(metadata, 'metadata'));
  if (!value) throw invalidRequest('metadata of a message must be an object');
  return value;
}
