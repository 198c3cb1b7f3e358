import { partsOf, type MessageInput, type Part } from '../message.ts';
import type { Body } from './endpoint.ts';
import { argumentsOf } from './tool-history.ts';

/** A call whose input is text in place of JSON; a tool that is called so is named in `body` or `providerOptions`. */
export const CUSTOM_CALL = 'custom_tool_call';

/**
 * The items of the Responses API for a message. What the answer's own items had besides is in the metadata of the parts,
 * under `name`, and goes back as it came. `customCalls` holds the ids of such calls, from one message to the next.
 * https://platform.openai.com/docs/api-reference/responses/create#responses_create-input
 */
export function toItems(message: MessageInput, name: string, customCalls: Set<string>): unknown[] {
  const { role } = message;
  const parts = partsOf(message);
  if (role === 'user' || role === 'system') return [{ role, content: parts.flatMap(toContent) }];
  const items: Body[] = [];
  let annotations: unknown[] = [];
  for (const part of parts) {
    const own = part.providerMetadata?.[name] as Body | undefined;
    switch (part.type) {
      case 'text':
        annotations = [];
        if (part.text) {
          items.push({ role: 'assistant', content: [{ type: 'output_text', text: part.text, annotations }], ...own });
        }
        break;
      case 'refusal':
        items.push({ role: 'assistant', content: [{ type: 'refusal', refusal: part.text }], ...own });
        break;
      case 'source':
        if (own) annotations.push(own);
        break;
      case 'reasoning':
        if (own) items.push(own);
        break;
      case 'tool-call': {
        const isCustom = own?.['type'] === CUSTOM_CALL;
        if (isCustom) customCalls.add(part.id);
        const input = isCustom ? part.rawInput : argumentsOf(part);
        const call = { type: 'function_call', call_id: part.id, name: part.name };
        items.push({ ...call, [isCustom ? 'input' : 'arguments']: input, ...own });
        break;
      }
      case 'tool-result': {
        const { toolCallId, output } = part;
        items.push({
          type: customCalls.has(toolCallId) ? `${CUSTOM_CALL}_output` : 'function_call_output',
          call_id: toolCallId,
          output: typeof output === 'string' ? output : (JSON.stringify(output) ?? ''),
        });
        break;
      }
      default:
    }
  }
  // Thoughts of an answer that was stopped: without the item that they led to they are refused.
  while (items.at(-1)?.['type'] === 'reasoning') items.pop();
  return items;
}

function toContent(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'input_text', text: part.text }];
  if (part.type !== 'file') return [];
  const url = part.url ?? `data:${part.mediaType};base64,${part.data}`;
  if (part.mediaType.startsWith('image/')) return [{ type: 'input_image', image_url: url }];
  return [
    url.startsWith('data:')
      ? { type: 'input_file', filename: part.filename ?? 'file', file_data: url }
      : { type: 'input_file', file_url: url },
  ];
}
