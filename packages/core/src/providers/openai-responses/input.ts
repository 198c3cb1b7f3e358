import { partsOf, type MessageInput, type Part } from '../../types/message.ts';
import { record } from '../../utils/read-value.ts';
import { type Body, isObject } from '../../utils/merge-bodies.ts';
import { inlineDataOf } from '../shared/inline-data.ts';
import { createResponseCallIds, type ResponseCallIds } from './call-ids.ts';
import { argumentsOf, outputText } from '../shared/tool-history.ts';

/** A call whose input is text in place of JSON; a tool that is called so is named in `body` or `providerOptions`. */
export const CUSTOM_CALL = 'custom_tool_call';

const CUSTOM_OUTPUT = `${CUSTOM_CALL}_output`;

const OUTPUTS: ReadonlySet<unknown> = new Set(['function_call_output', CUSTOM_OUTPUT]);

/** A call of the image tool, which is a file part. */
export const IMAGE_CALL = 'image_generation_call';

const NOT_CARRIED_OUT = 'The call was not carried out.';

/** One transparent pixel. */
const BLANK_IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** Calls that the application carries out, and the output for a call that it did not carry out. */
const CLIENT_CALLS: ReadonlyMap<unknown, Body> = new Map<unknown, Body>([
  [
    'shell_call',
    {
      type: 'shell_call_output',
      output: [{ stdout: '', stderr: NOT_CARRIED_OUT, outcome: { type: 'exit', exit_code: 1 } }],
    },
  ],
  ['local_shell_call', { type: 'local_shell_call_output', output: NOT_CARRIED_OUT }],
  ['apply_patch_call', { type: 'apply_patch_call_output', status: 'failed', output: NOT_CARRIED_OUT }],
  ['tool_search_call', { type: 'tool_search_output', execution: 'client', tools: [] }],
  ['computer_call', { type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: BLANK_IMAGE } }],
]);

/** Whether the application has to answer the item before the model can continue. */
export function isClientCall({ type, call_id: callId }: { type?: unknown; call_id?: unknown }): boolean {
  return typeof callId === 'string' && CLIENT_CALLS.has(type);
}

/**
 * The `input` of a request. Fields and items of earlier answers that other providers do not know are in the metadata of
 * the parts and in data parts, under `name`, and are sent back as they came. Calls of the API's own client tools that
 * have no output get one, because the API refuses a history without it.
 * https://platform.openai.com/docs/api-reference/responses/create#responses_create-input
 */
export function toInput(messages: readonly MessageInput[], name: string): Body[] {
  const callIds = createResponseCallIds();
  const groups = withUniqueIds(messages.map((message) => toItems(message, name, callIds)));
  const answered = new Set<unknown>();
  for (const { type, call_id: callId, id } of groups.flat()) {
    if (String(type).endsWith('_output')) answered.add(callId ?? id);
  }
  return groups.flatMap((items) => {
    const unanswered = items.filter((item) => isClientCall(item) && !answered.has(item['call_id']));
    const outputs = unanswered.map(({ type, call_id }) => Object.assign({ call_id }, CLIENT_CALLS.get(type)));
    return items.concat(outputs);
  });
}

/**
 * The API refuses an item whose id is there already, and a second output of a call: the id is left out, and the last output
 * counts.
 */
function withUniqueIds(groups: readonly Body[][]): Body[][] {
  const ids = new Set<unknown>();
  const lastOutputs = new Map<unknown, Body>();
  for (const item of groups.flat()) if (OUTPUTS.has(item['type'])) lastOutputs.set(item['call_id'], item);
  return groups.map((items) =>
    items.flatMap((item) => {
      if (OUTPUTS.has(item['type']) && lastOutputs.get(item['call_id']) !== item) return [];
      const { id, ...rest } = item;
      if (id === undefined || !ids.has(id) || !hasOptionalId(item)) {
        ids.add(id);
        return [item];
      }
      return [rest];
    }),
  );
}

function hasOptionalId({ type, role }: Body): boolean {
  return type === 'function_call' || type === CUSTOM_CALL || role === 'assistant';
}

/** The items of a message. `callIds` are those of the messages before as well. */
function toItems(message: MessageInput, name: string, callIds: ResponseCallIds): Body[] {
  const { role } = message;
  const parts = partsOf(message);
  if (role === 'user' || role === 'system') return toInputMessages(role, parts, name);
  const items: Body[] = [];
  let annotations: unknown[] = [];

  /** Pieces of one stored message stay together, because its id may be there only once. */
  function addContent(content: object, own: Body | undefined): void {
    const last = items.at(-1);
    if (own?.['id'] && last?.['id'] === own['id'] && Array.isArray(last['content'])) last['content'].push(content);
    else items.push({ role: 'assistant', content: [content], ...own });
  }

  for (const part of parts) {
    const own = record(part.providerMetadata?.[name]);
    switch (part.type) {
      case 'text':
        annotations = [];
        if (part.text) addContent({ type: 'output_text', text: part.text, annotations }, own);
        break;
      case 'refusal':
        addContent({ type: 'refusal', refusal: part.text }, own);
        break;
      case 'source':
        if (own) annotations.push(own);
        break;
      case 'reasoning':
        if (own) items.push(own);
        break;
      case 'tool-call': {
        const isCustom = own?.['type'] === CUSTOM_CALL;
        const input = isCustom ? part.rawInput : argumentsOf(part);
        const call = { type: 'function_call', name: part.name };
        const callId = callIds.add(part.id, isCustom);
        items.push({ ...call, [isCustom ? 'input' : 'arguments']: input, ...own, call_id: callId });
        break;
      }
      case 'tool-result': {
        const { callId, isCustom } = callIds.callOf(part.toolCallId);
        items.push({
          type: isCustom ? CUSTOM_OUTPUT : 'function_call_output',
          call_id: callId,
          output: outputText(part.output),
        });
        break;
      }
      case 'file': {
        const result = inlineDataOf(part);
        if (own?.['type'] === IMAGE_CALL && result) {
          items.push({ type: IMAGE_CALL, id: own['id'], status: own['status'] ?? 'completed', result });
        }
        break;
      }
      case 'data': {
        const item = toItem(part, name);
        if (item) items.push(item);
        break;
      }
      default:
    }
  }
  // Thoughts of an answer that was stopped: without the item that they led to they are refused.
  while (items.at(-1)?.['type'] === 'reasoning') items.pop();
  return items;
}

/** A message of a user; items among its parts, such as `mcp_approval_response`, stand between pieces of it. */
function toInputMessages(role: 'user' | 'system', parts: readonly Part[], name: string): Body[] {
  const items: Body[] = [];
  let content: unknown[] = [];
  for (const part of parts) {
    const item = toItem(part, name);
    if (!item) {
      content.push(...toContent(part));
      continue;
    }
    if (content.length > 0) items.push({ role, content });
    items.push(item);
    content = [];
  }
  if (content.length > 0 || items.length === 0) items.push({ role, content });
  return items;
}

/** The item that a data part of this provider has, without the fields that only outputs may have. */
function toItem(part: Part, name: string): Body | undefined {
  if (part.type !== 'data' || part.name !== name || !isObject(part.data)) return undefined;
  const own = record(part.providerMetadata?.[name]);
  if (own?.['isIncomplete']) return undefined;
  const { created_by: _, ...item } = part.data;
  // Without its image, the item is a reference to a stored one.
  if (item['type'] === IMAGE_CALL && own?.['store'] !== true && !item['result']) return undefined;
  return item;
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
