import { LLMError } from '../../errors/error.ts';
import { partsOf, type FilePart, type MessageInput, type Part } from '../../types/message.ts';
import { refusesInput } from '../../transport/input-refusal.ts';
import { ownValue, record } from '../../utils/read-value.ts';
import { NO_NAME, optionsOf, type Choose } from './choice.ts';
import { contentOf, toBase64, toPromptText, type FileContent } from './file-content.ts';
import type { FileSupport } from './sendable-files.ts';

/**
 * Makes the files of the user's messages fit a wire: text files become text, with their names. A file that the wire cannot
 * hold becomes a note in an earlier message, so that it does not block the rest of the conversation.
 * @throws {LLMError} with code `invalid_request` for such a file in the last message of the user, and for a file
 * without content.
 */
export function prepareFiles(
  messages: readonly MessageInput[],
  provider: string,
  { text: keepsText = false, accepts = () => true, accepted }: FileSupport = {},
): readonly MessageInput[] {
  const current = messages.findLastIndex(({ role }) => role === 'user');

  function prepare(part: Part, index: number): Part {
    if (part.type !== 'file') return part;
    const content = contentOf(part);
    if (content?.kind === 'text' && !keepsText)
      return { type: 'text', text: toPromptText(content.text, part.filename) };
    // A file that the provider keeps, such as one of its Files API.
    if (!content && record(ownValue(part.providerMetadata, provider))) return part;
    if (content && accepts(content)) return { ...part, ...fieldsOf(content) };
    const reason = content ? `does not accept this file` : 'got a file without data and url';
    if (index < current) return noteOf(part, `${provider} ${reason}`);
    throw new LLMError(
      `${provider} ${reason}: ${nameOf(part)}${content && accepted ? `. It accepts ${accepted}.` : ''}`,
      {
        code: 'invalid_request',
        provider,
      },
    );
  }

  return messages.map((message, index) => {
    const parts = partsOf(message);
    if (message.role !== 'user' || !parts.some(({ type }) => type === 'file')) return message;
    const { content: _, ...rest } = message;
    return { ...rest, parts: parts.map((part) => prepare(part, index)) };
  });
}

/** Groq: `messages[0].content must be a string`. GLM: `messages.content.type is invalid, allowed values: ['text']`. */
const ONLY_TEXT = /\bcontent\b[^.\n]{0,30} must be a string|allowed values: \[['"]text['"]\]/i;

/** One file is broken, which says nothing about the model. Anthropic: `Could not process image`. */
const BROKEN_FILE =
  /\b(?:could not|cannot|failed to|unable to) (?:process|load|read|decode|download|fetch|parse|open)\b[^\n]{0,40}\b(?:images?|files?|audio|videos?|documents?|pdfs?)\b|\b(?:invalid|corrupt\w*)\b[^\n]{0,40}\b(?:image|file|audio|video|document|pdf|mime type)\b|\bunknown format\b/i;

/**
 * The messages with their earlier files, or with notes in place of them: a model that was chosen later, or that is behind
 * another provider, may not accept what an earlier one did. A refusal means the earlier files if no other files are sent.
 */
export function acceptedFiles(messages: readonly MessageInput[], choose: Choose): readonly MessageInput[] {
  const current = messages.findLastIndex(({ role }) => role === 'user');
  const holders = messages.flatMap((message, index) => (partsOf(message).some(isFile) ? [index] : []));
  if (holders.length === 0 || holders.some((index) => index >= current)) return messages;
  const isSent = choose({
    id: 'earlierFiles',
    names: NO_NAME,
    wording: { test: (text) => ONLY_TEXT.test(text) || refusesInput(text) || BROKEN_FILE.test(text) },
    options: optionsOf(true),
    requestOnly: BROKEN_FILE,
  });
  return isSent ? messages : messages.map(withNotes);
}

/** A file of an answer is dropped: the model would imitate a note in its own words. */
function withNotes(message: MessageInput): MessageInput {
  const parts = partsOf(message);
  if (!parts.some(isFile)) return message;
  const { content: _, ...rest } = message;
  if (message.role !== 'user') return { ...rest, parts: parts.filter((part) => !isFile(part)) };
  return {
    ...rest,
    parts: parts.map((part) => (isFile(part) ? noteOf(part, 'the model does not accept files of this kind') : part)),
  };
}

function isFile(part: Part): part is FilePart {
  return part.type === 'file';
}

function noteOf(file: FilePart, reason: string): Part {
  return { type: 'text', text: `[${nameOf(file)} was left out: ${reason}]\n\n` };
}

/** All contents become base64, the only form that every wire reads, and text becomes UTF-8. */
function fieldsOf(content: FileContent): Partial<FilePart> {
  if (content.kind === 'url') return {};
  if (content.kind === 'base64') return { mediaType: content.mediaType, data: content.data, url: undefined };
  return { mediaType: 'text/plain', data: toBase64(new TextEncoder().encode(content.text)), url: undefined };
}

function nameOf({ filename, mediaType, url }: FilePart): string {
  const address = url?.startsWith('data:') ? undefined : url;
  const name = filename ?? address;
  return `${name === undefined ? 'a file' : `"${name}"`} (${mediaType || 'unknown type'})`;
}
