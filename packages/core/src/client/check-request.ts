import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { LLMError } from '../errors/error.ts';
import { lazyChunk } from '../transport/lazy-chunk.ts';
import { CALL_FIELDS, SETTING_FIELDS } from './option-fields.ts';
import { isOwnMessage } from './own-part.ts';
import { filledText, list, record, text } from '../utils/read-value.ts';
import type { GenerateRequest } from '../types/request.ts';
import { isUnwrittenSchema } from '../types/standard-schema.ts';

/** Messages of an app may have further fields. */
const MESSAGE: Fields = {
  '*': 'anything',
  role: "'system' or 'user' or 'assistant' or 'tool'",
  content: 'a string or a list',
  parts: ['a list', { '*': 'anything', type: 'a string', text: 'a string', url: 'a string' }],
};

const TOOL: Fields = {
  name: 'a string that is not empty',
  description: 'a string',
  inputSchema: 'an object',
  strict: 'a boolean',
};

const REQUEST_FIELDS: Fields = {
  prompt: 'a string',
  messages: ['a list', MESSAGE],
  ...SETTING_FIELDS,
  tools: ['a list', TOOL],
  conversation: ['an object', { id: 'a string', replaces: 'a string', resume: 'a boolean' }],
  // Set where an object is asked for.
  objectFormat: 'an object',
  // Options of hooks, which an app may spread into a request.
  client: 'anything',
  headers: 'anything',
  id: 'anything',
  initialCompletion: 'anything',
  initialInput: 'anything',
  onError: 'anything',
  onFinish: 'anything',
};

/** @throws {LLMError} with code `config` that names the option that is unknown or wrong. */
export function checkCallOptions(options: unknown): void {
  checkOptions('Options of the call', options ?? {}, CALL_FIELDS);
}

const OBJECT_FIELDS: Fields = { name: 'a string', maxRepairs: 'a number from 0 or Infinity' };

/** @throws {LLMError} with code `config` that names the option that is unknown or wrong. */
export function checkObjectOptions(options: object): void {
  checkOptions('Object', options, OBJECT_FIELDS);
}

/**
 * A request as an object whose messages are in the form of this package, and why it is wrong, if it is. JavaScript may
 * pass anything; a run starts all the same, so that its failure is observed.
 */
export interface CheckedRequest {
  readonly request: GenerateRequest;
  readonly error?: LLMError | undefined;
}

/** Checks a request. A promise only if it has messages of other libraries, whose converter is loaded for them. */
export function readRequest(request: unknown): CheckedRequest | Promise<CheckedRequest> {
  if (typeof request === 'string') return { request: { prompt: request } };
  try {
    checkRequest(request);
    const { messages } = request;
    return messages && !messages.every(isOwnMessage) ? convert(request, messages) : { request };
  } catch (error) {
    return failedRequest(error);
  }
}

const ownMessagesChunk = lazyChunk(() => import('./own-messages.ts'), 'messages of other libraries');

async function convert(
  request: GenerateRequest,
  messages: NonNullable<GenerateRequest['messages']>,
): Promise<CheckedRequest> {
  try {
    const { toOwnMessages } = await ownMessagesChunk.load();
    return { request: { ...request, messages: toOwnMessages(messages) } };
  } catch (error) {
    return failedRequest(error);
  }
}

function failedRequest(error: unknown): CheckedRequest {
  if (error instanceof LLMError) return { request: {}, error };
  throw error;
}

function checkRequest(request: unknown): asserts request is GenerateRequest {
  const given = record(request);
  if (!given) throw invalidRequest(`must be a text or { prompt } or { messages }, not ${kindOf(request)}`);
  if (record(given['tools'])) {
    throw invalidRequest(
      'tools must be a list of { name, description, inputSchema } with a JSON Schema; a record of tool() is for createChat and useChat',
    );
  }
  list(given['tools']).forEach(checkSchema);
  checkOptions('Request', given, REQUEST_FIELDS, 'invalid_request');
  list(given['tools']).forEach(checkTool);
  list(given['stop']).forEach(checkStop);
  list(given['messages']).forEach(checkMessage);
  if (given['prompt'] === undefined && list(given['messages']).length === 0) {
    throw invalidRequest('prompt or messages is missing');
  }
}

/** A Standard Schema has to be written as JSON Schema: sent as it is, it would say nothing. */
function checkSchema(tool: unknown, index: number): void {
  if (!isUnwrittenSchema(record(tool)?.['inputSchema'])) return;
  throw invalidRequest(
    `tools[${index}].inputSchema is a Standard Schema, not a JSON Schema; write z.toJSONSchema(schema, { io: 'input' }), or use tool() with createChat`,
  );
}

function checkTool(tool: unknown, index: number): void {
  const given = record(tool);
  if (given?.['name'] === undefined) throw invalidRequest(`tools[${index}].name is missing`);
  if (given['inputSchema'] === undefined) throw invalidRequest(`tools[${index}].inputSchema is missing: a JSON Schema`);
}

function checkStop(stop: unknown, index: number): void {
  if (typeof stop !== 'string') throw invalidRequest(`stop[${index}] must be a string, not ${kindOf(stop)}`);
}

function checkMessage(message: unknown, index: number): void {
  const path = `messages[${index}]`;
  const { role, content, parts } = record(message) ?? {};
  if (role === 'tool' && text(content) !== undefined && !Array.isArray(parts)) {
    throw invalidRequest(
      `${path} is the result of a tool and needs parts, not content: [{ type: 'tool-result', toolCallId, output }]`,
    );
  }
  if (Array.isArray(parts) && parts.length === 0 && filledText(content) !== undefined) {
    throw invalidRequest(`${path} has content beside parts that are empty: write one of them`);
  }
  const name = Array.isArray(parts) ? 'parts' : 'content';
  list(parts ?? content).forEach((part, at) => {
    const { type, toolCallId } = record(part) ?? {};
    if (type !== 'tool-result' || text(toolCallId) !== undefined) return;
    throw invalidRequest(`${path}.${name}[${at}].toolCallId must be a string, not ${kindOf(toolCallId)}`);
  });
}

function invalidRequest(message: string): LLMError {
  return new LLMError(`Request: ${message}`, { code: 'invalid_request' });
}
