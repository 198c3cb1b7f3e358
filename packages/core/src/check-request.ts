import { checkOptions, kindOf, type Fields, type Rule } from './check-options.ts';
import { LLMError } from './error.ts';
import { loadChunk } from './load-chunk.ts';
import { isOwnMessage } from './own-part.ts';
import { list, record } from './read-value.ts';
import type { GenerateRequest } from './request.ts';

/** A number that `null` switches off. */
export const LIMIT = 'a number from 0 or null';

const DEADLINE = 'a number from 0 or false';

export const RETRY: Rule = [
  'an object or false',
  { maxRetries: 'a number from 0', maxDelayMs: 'a number from 0', onRetry: 'a function', waitForOnline: 'a function' },
];

export const TIMEOUT: Rule = [
  'an object',
  { headersMs: DEADLINE, firstTokenMs: DEADLINE, idleMs: DEADLINE, totalMs: DEADLINE },
];

/** Options of a call that batches and chats have as well. */
export const CALL_FIELDS: Fields = {
  signal: 'an AbortSignal',
  retry: RETRY,
  timeout: TIMEOUT,
  headers: 'an object or a list',
};

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

/** Fields of a request that chats and objects have as well. */
export const SETTING_FIELDS: Fields = {
  system: 'a string',
  model: 'a string',
  temperature: LIMIT,
  maxTokens: LIMIT,
  stop: 'a string or a list',
  toolChoice: ["'auto' or 'required' or 'none' or an object", { name: 'a string' }],
  reasoning: ['a boolean or an object', { effort: 'a string', budgetTokens: 'a number from 0' }],
  providerOptions: 'an object',
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

export function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'aborted') === 'boolean';
}

/** @throws {LLMError} with code `config` that names the option that is unknown or wrong. */
export function checkCallOptions(options: unknown): void {
  checkOptions('Options of the call', options ?? {}, CALL_FIELDS);
}

/**
 * A request as an object whose messages are in the form of this package, and why it is wrong, if it is. JavaScript may
 * pass anything; a run starts all the same, so that its failure is observed.
 */
export interface CheckedRequest {
  readonly request: GenerateRequest;
  readonly error?: LLMError | undefined;
}

/** A promise only if messages have to be converted, by code that is loaded for it. */
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

async function convert(
  request: GenerateRequest,
  messages: NonNullable<GenerateRequest['messages']>,
): Promise<CheckedRequest> {
  try {
    const { toOwnMessages } = await loadChunk(() => import('./own-messages.ts'), 'messages of other libraries');
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
  checkOptions('Request', given, REQUEST_FIELDS, 'invalid_request');
  if (given['prompt'] === undefined && list(given['messages']).length === 0) {
    throw invalidRequest('prompt or messages is missing');
  }
}

function invalidRequest(message: string): LLMError {
  return new LLMError(`Request: ${message}`, { code: 'invalid_request' });
}
