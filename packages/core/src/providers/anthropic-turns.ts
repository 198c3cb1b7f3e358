import { partsOf, type MessageInput, type Part, type Role } from '../message.ts';
import type { Body } from './endpoint.ts';
import { inlineDataOf, textFromBase64 } from './inline-data.ts';
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
      const inline = inlineDataOf(part);
      const isImage = part.mediaType.startsWith('image/');
      const source = !inline
        ? { type: 'url', url: part.url }
        : part.mediaType.startsWith('text/')
          ? { type: 'text', media_type: 'text/plain', data: textFromBase64(inline) }
          : { type: 'base64', media_type: part.mediaType, data: inline };
      return { type: isImage ? 'image' : 'document', source, title: isImage ? undefined : part.filename, ...own };
    }
    case 'data':
      return part.name === provider && !own?.['isIncomplete'] ? (part.data as Body) : undefined;
    default:
      return undefined;
  }
}
