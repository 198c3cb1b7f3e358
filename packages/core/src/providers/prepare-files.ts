import { LLMError } from '../error.ts';
import { partsOf, type FilePart, type MessageInput, type Part } from '../message.ts';
import { contentOf, toPromptText, type FileContent } from './file-content.ts';

/** Which files a wire has. */
export interface FileSupport {
  /** Keeps text files as files, for a wire that has them. @default false, then they become text in the message. */
  readonly text?: boolean | undefined;
  /** Whether the wire can hold such a file. @default every file; the server decides then. */
  readonly accepts?: ((content: FileContent) => boolean) | undefined;
  /** The accepted files in words, for the error. */
  readonly accepted?: string | undefined;
}

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
    if (!content && part.providerMetadata?.[provider]) return part;
    if (content && accepts(content)) return content.kind === 'text' ? part : { ...part, ...fieldsOf(content) };
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

/** A data URL with other contents than base64 becomes base64, the only form that all wires read. */
function fieldsOf(content: Exclude<FileContent, { kind: 'text' }>): Partial<FilePart> {
  if (content.kind === 'url') return {};
  const { mediaType, data } = content;
  return { mediaType, data, url: undefined };
}

function nameOf({ filename, mediaType, url }: FilePart): string {
  const address = url?.startsWith('data:') ? undefined : url;
  const name = filename ?? address;
  return `${name === undefined ? 'a file' : `"${name}"`} (${mediaType || 'unknown type'})`;
}
