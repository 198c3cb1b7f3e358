import { LLMError } from '../error.ts';
import { partsOf, type FilePart, type MessageInput, type Part } from '../message.ts';
import { contentOf, toBase64, toPromptText, type FileContent } from './file-content.ts';
import { NO_NAME, optionsOf, type Choose } from './choice.ts';
import type { FileSupport } from './sendable-files.ts';

const FILE = '\\b(?:files?|attachments?|documents?|images?|audio|video|(?:mime|media)[ _-]?types?)\\b';
const REFUSED =
  '(?:unsupported|invalid|\\bnot (?:support|valid|allow|accept)|cannot|could not|unable|failed|unknown|corrupt|too (?:large|big|many)|exceeds)';

/** `Unsupported MIME type: application/zip`, `Invalid file data` */
const REFUSED_FILE = new RegExp(`${FILE}[^\\n]{0,80}${REFUSED}|${REFUSED}[^\\n]{0,80}${FILE}`, 'i');

/**
 * Makes the files of the user's messages fit a wire: text files become text, with their names. A file that the wire cannot
 * hold, or that the server refuses, becomes a note in an earlier message, so that it does not block the rest of the
 * conversation.
 * @throws {LLMError} with code `invalid_request` for such a file in the last message of the user, and for a file
 * without content.
 */
export function prepareFiles(
  messages: readonly MessageInput[],
  provider: string,
  choose: Choose,
  { text: keepsText = false, accepts = () => true, accepted }: FileSupport = {},
): readonly MessageInput[] {
  const current = messages.findLastIndex(({ role }) => role === 'user');

  /** Whether to send the files of earlier messages. Without them, one that the server refuses does not block the chat. */
  function sendsEarlier(): boolean {
    const common = { id: 'earlierFiles', names: NO_NAME, wording: REFUSED_FILE, requestOnly: REFUSED_FILE };
    return choose({ ...common, options: optionsOf(true) }) !== undefined;
  }

  function prepare(part: Part, index: number): Part {
    if (part.type !== 'file') return part;
    const content = contentOf(part);
    if (content?.kind === 'text' && !keepsText)
      return { type: 'text', text: toPromptText(content.text, part.filename) };
    // A file that the provider keeps, such as one of its Files API.
    if (!content && part.providerMetadata?.[provider]) return part;
    const isAccepted = content && accepts(content) && (index >= current || content.kind === 'text' || sendsEarlier());
    if (isAccepted) return { ...part, ...fieldsOf(content) };
    const reason = content ? `does not accept this file` : 'got a file without data and url';
    if (index < current) return { type: 'text', text: `[${nameOf(part)} was left out: ${provider} ${reason}]\n\n` };
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
