import { partsOf, type MessageInput, type Part, type Role } from '../message.ts';
import type { Body } from './endpoint.ts';
import { contentOf, type FileContent } from './file-content.ts';
import { inputOf } from './tool-history.ts';

/**
 * The `messages` of a request: roles take turns, and the results of tools belong to the user. What the blocks of an answer
 * had besides is in the metadata of the parts, under `provider`, and goes back as it came.
 * https://platform.claude.com/docs/en/api/messages
 */
export function toTurns(messages: readonly MessageInput[], provider: string): object[] {
  const turns: { role: Role; content: Body[] }[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    for (const part of partsOf(message)) {
      const role = message.role === 'assistant' && part.type !== 'tool-result' ? 'assistant' : 'user';
      const block = toBlock(part, role, provider);
      const last = turns.at(-1);
      if (!block) continue;
      if (last?.role === role) last.content.push(block);
      else turns.push({ role, content: [block] });
    }
  }
  return turns;
}

/** The block of a part, or nothing where the API takes none: text of spaces only, thinking that nobody signed. */
function toBlock(part: Part, role: Role, provider: string): Body | undefined {
  const own = part.providerMetadata?.[provider] as Body | undefined;
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text.trim() ? { type: 'text', text: part.text, ...(part.type === 'text' && own) } : undefined;
    case 'reasoning':
      return own && (own['data'] ? own : { type: 'thinking', thinking: part.text, ...own });
    case 'tool-call':
      return { type: 'tool_use', id: part.id, name: part.name, input: inputOf(part), ...own };
    case 'tool-result': {
      const { toolCallId, output, isError } = part;
      const content = typeof output === 'string' ? output : JSON.stringify(output);
      return { type: 'tool_result', tool_use_id: toolCallId, content, is_error: isError, ...own };
    }
    case 'file': {
      if (role !== 'user') return undefined;
      const content = contentOf(part);
      const isImage = content?.kind !== 'text' && part.mediaType.startsWith('image/');
      return {
        type: isImage ? 'image' : 'document',
        source: content && toSource(content),
        title: isImage ? undefined : part.filename,
        ...own,
      };
    }
    case 'data':
      return part.name === provider && !own?.['isIncomplete'] ? (part.data as Body) : undefined;
    default:
      return undefined;
  }
}

function toSource(content: FileContent): Body {
  switch (content.kind) {
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: content.text };
    case 'url':
      return { type: 'url', url: content.url };
    default:
      return { type: 'base64', media_type: content.mediaType, data: content.data };
  }
}
