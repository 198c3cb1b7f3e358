import type { FinishReason, Usage } from '../completion.ts';
import { LLMError } from '../error.ts';
import type { Part, Role, ToolApproval, ToolCall } from '../message.ts';
import {
  count,
  filledText,
  flag,
  ordinal,
  record,
  text,
  UnexpectedValueError,
  type UnknownRecord,
} from '../read-value.ts';
import type { ChatMessage } from './chat-message.ts';

const ROLES: readonly Role[] = ['system', 'user', 'assistant', 'tool'];

const FINISH_REASONS: readonly (FinishReason | 'aborted' | 'interrupted')[] = [
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'other',
  'aborted',
  'interrupted',
];

/**
 * A message of a chat from a value that was stored. Secondary fields with a wrong type are left out.
 * @throws {UnexpectedValueError} if it has no id, role or parts, or if a part lacks its content or has an unknown type.
 */
export function readChatMessage(value: unknown): ChatMessage {
  const fields = required(record(value), 'message', 'an object', value);
  const id = required(filledText(fields['id']), 'message.id', 'text', fields['id']);
  const role = required(
    ROLES.find((one) => one === fields['role']),
    'message.role',
    'a role',
    fields['role'],
  );
  const parts = fields['parts'];
  if (!Array.isArray(parts)) throw new UnexpectedValueError('message.parts', 'a list', parts);
  return {
    ...fields,
    '~tools': undefined,
    id,
    role,
    // Names of tools are told apart by the compiler only.
    parts: parts.map((part: unknown, index) => readPart(part, `message.parts[${index}]`)) as ChatMessage['parts'],
    parentId: filledText(fields['parentId']),
    metadata: record(fields['metadata']),
    finishReason: FINISH_REASONS.find((reason) => reason === fields['finishReason']),
    usage: readUsage(fields['usage']),
    openFrom: ordinal(fields['openFrom']),
  };
}

function readPart(value: unknown, path: string): Part {
  const fields = required(record(value), path, 'an object', value);
  const { type } = fields;
  const common = { ...fields, providerMetadata: record(fields['providerMetadata']) };
  function need(name: string): string {
    return required(text(fields[name]), `${path}.${name}`, 'text', fields[name]);
  }
  switch (type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { ...common, type, text: need('text') };
    case 'tool-call':
      return {
        ...common,
        type,
        id: need('id'),
        name: need('name'),
        rawInput: need('rawInput'),
        error: readError(fields['error']),
        approval: readApproval(fields['approval']),
      };
    case 'tool-result':
      return {
        ...common,
        type,
        toolCallId: need('toolCallId'),
        name: text(fields['name']),
        output: fields['output'],
        isError: flag(fields['isError']),
        preliminary: flag(fields['preliminary']),
      };
    case 'source':
      return {
        ...common,
        type,
        id: text(fields['id']),
        url: text(fields['url']),
        title: text(fields['title']),
        mediaType: text(fields['mediaType']),
        filename: text(fields['filename']),
      };
    case 'file':
      return {
        ...common,
        type,
        mediaType: need('mediaType'),
        url: text(fields['url']),
        data: text(fields['data']),
        filename: text(fields['filename']),
      };
    case 'data':
      return { ...common, type, name: need('name'), id: text(fields['id']), data: fields['data'] };
    default:
      throw new UnexpectedValueError(`${path}.type`, 'the type of a part', type);
  }
}

function readUsage(value: unknown): Usage | undefined {
  const fields = record(value);
  if (!fields) return undefined;
  return {
    ...fields,
    inputTokens: count(fields['inputTokens']),
    outputTokens: count(fields['outputTokens']),
    totalTokens: count(fields['totalTokens']),
    cachedInputTokens: count(fields['cachedInputTokens']),
    cacheWriteTokens: count(fields['cacheWriteTokens']),
    reasoningTokens: count(fields['reasoningTokens']),
    raw: fields['raw'],
  };
}

function readApproval(value: unknown): ToolApproval | undefined {
  const fields: UnknownRecord | undefined = record(value);
  const id = text(fields?.['id']);
  if (!fields || id === undefined) return undefined;
  return { ...fields, id, approved: flag(fields['approved']), reason: text(fields['reason']) };
}

/** An error is stored as data: neither JSON nor a structured clone keeps the fields of an `LLMError`. */
function readError(value: unknown): ToolCall['error'] {
  const fields = record(value);
  if (!fields) return undefined;
  const code = fields['code'] === 'validation' ? 'validation' : 'parse';
  return Object.assign(new LLMError(text(fields['message']) ?? 'Invalid arguments', { code }), { code } as const);
}

function required<T>(value: T | undefined, path: string, expected: string, found: unknown): T {
  if (value === undefined) throw new UnexpectedValueError(path, expected, found);
  return value;
}
