import { partsOf, textOf, type MessageInput, type Part } from '../message.ts';
import { argumentsOf } from './tool-history.ts';

/**
 * The messages of Chat Completions for a message.
 * https://platform.openai.com/docs/api-reference/chat/create#chat_create-messages
 */
export function toWireMessages(message: MessageInput): unknown[] {
  const { role } = message;
  const parts = partsOf(message);
  if (role === 'tool') {
    return parts.flatMap((part) =>
      part.type === 'tool-result' ? { role, tool_call_id: part.toolCallId, content: toText(part.output) } : [],
    );
  }
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? {
          id: part.id,
          type: 'function',
          function: { name: part.name, arguments: argumentsOf(part) },
        }
      : [],
  );
  const hasFiles = role === 'user' && parts.some((part) => part.type === 'file');
  return [
    {
      role,
      content: hasFiles ? parts.flatMap(toWirePart) : textOf(parts, 'text') || (calls[0] ? null : ''),
      refusal: textOf(parts, 'refusal') || undefined,
      tool_calls: calls[0] && calls,
    },
  ];
}

function toWirePart(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type !== 'file') return [];
  const url = part.url ?? `data:${part.mediaType};base64,${part.data}`;
  return part.mediaType.startsWith('image/')
    ? [{ type: 'image_url', image_url: { url } }]
    : [{ type: 'file', file: { filename: part.filename ?? 'file', file_data: url } }];
}

/** A value as text: strings as they are, anything else as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
