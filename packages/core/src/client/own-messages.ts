import { LLMError } from '../errors/error.ts';
import { isOwnPart } from './own-part.ts';
import type { FilePart, MessageInput, Part } from '../types/message.ts';
import { filledText, ownValue, record, text } from '../utils/read-value.ts';

/**
 * Messages whose `content` is a list of parts, or whose parts are in the form of model servers, as JavaScript may pass them,
 * in the form of this package.
 * @throws {LLMError} with code `invalid_request` for a part of an unknown form.
 */
export function toOwnMessages(messages: readonly MessageInput[]): readonly MessageInput[] {
  return messages.map(toOwnMessage);
}

function toOwnMessage(message: MessageInput, index: number): MessageInput {
  const path = `messages[${index}]`;
  const { content, parts, ...fields }: { readonly content?: unknown; readonly parts?: unknown; role?: unknown } =
    message;
  if (fields.role === undefined) throw invalid(`${path}.role is missing`);
  const name = Array.isArray(parts) ? 'parts' : 'content';
  const given = Array.isArray(parts) ? parts : content;
  if (typeof given === 'string') return message;
  if (!Array.isArray(given)) throw invalid(`${path} has no content: write a text, or parts`);
  const own = given.map((part: unknown, at) => toOwnPart(part, `${path}.${name}[${at}]`));
  return { ...message, content: undefined, parts: own };
}

function toOwnPart(part: unknown, path: string): Part {
  if (isOwnPart(part)) return part;
  if (typeof part === 'string') return { type: 'text', text: part };
  const fields = record(part);
  const type = text(fields?.['type']);
  if (fields && type === 'text') return toText(fields, path);
  const own = fields && (type === 'input_text' || type === 'output_text' ? toText(fields, path) : toFile(fields));
  if (own) return own;
  throw invalid(
    `${path} ${type ? `has the unknown type "${type}"` : 'is not a part'}: write { type: 'text', text } or { type: 'file', mediaType, url } (or data, as base64)`,
  );
}

type Fields = Readonly<Record<string, unknown>>;

function toText(fields: Fields, path: string): Part {
  const value = text(fields['text']);
  if (value === undefined) throw invalid(`${path}.text must be a string`);
  return { type: 'text', text: value };
}

/**
 * https://platform.openai.com/docs/api-reference/chat/create (`image_url`, `input_audio`, `file`),
 * https://platform.openai.com/docs/api-reference/responses/create (`input_image`, `input_file`),
 * https://docs.claude.com/en/api/messages (`image`, `document`)
 */
function toFile(fields: Fields): FilePart | undefined {
  const { source, image_url: imageURL, image, file, input_audio: audio } = fields;
  switch (fields['type']) {
    case 'image_url':
    case 'input_image':
      return fileOf(text(imageURL) ?? ownValue(imageURL, 'url'), IMAGE);
    case 'input_audio':
      return fileOf(ownValue(audio, 'data'), `audio/${text(ownValue(audio, 'format')) ?? 'wav'}`);
    case 'image':
    case 'document':
      return source === undefined
        ? fileOf(image, filledText(fields['mediaType']) ?? filledText(fields['mimeType']) ?? IMAGE)
        : fileOf(
            ownValue(source, 'url') ?? ownValue(source, 'data'),
            filledText(ownValue(source, 'media_type')) ?? (fields['type'] === 'image' ? IMAGE : PDF),
          );
    case 'input_file':
    case 'file': {
      const from = record(file) ?? fields;
      const content = from['file_data'] ?? from['file_url'] ?? from['url'] ?? from['data'];
      const mediaType = filledText(from['mediaType']) ?? filledText(from['mimeType']) ?? PDF;
      return fileOf(content, mediaType, filledText(from['filename']));
    }
    default:
      return undefined;
  }
}

const IMAGE = 'image/jpeg';
const PDF = 'application/pdf';

const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  jpg: IMAGE,
  jpeg: IMAGE,
  pdf: PDF,
};

/** A URL, a `data:` URL, or base64. */
function fileOf(content: unknown, mediaType: string, filename?: string): FilePart | undefined {
  const value = filledText(content instanceof URL ? content.href : content);
  if (value === undefined) return undefined;
  const name = filename === undefined ? {} : { filename };
  const [, inline] = /^data:([\w.+-]+\/[\w.+-]+)[;,]/.exec(value) ?? [];
  if (inline) return { type: 'file', mediaType: inline, url: value, ...name };
  if (!/^https?:/.test(value)) return { type: 'file', mediaType, data: value, ...name };
  const [, extension = ''] = /\.(\w{3,4})(?:[?#]|$)/.exec(value) ?? [];
  return {
    type: 'file',
    mediaType: ownText(TYPES_BY_EXTENSION, extension.toLowerCase()) ?? mediaType,
    url: value,
    ...name,
  };
}

function ownText(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return text(ownValue(values, name));
}

function invalid(message: string): LLMError {
  return new LLMError(`Request: ${message}`, { code: 'invalid_request' });
}
