import type { Fields, Rule } from '../errors/check-options.ts';

/** A number that `null` switches off. */
export const LIMIT = 'a number from 0 or null';

const DEADLINE = 'a number from 0 or Infinity or false';

export const RETRY: Rule = [
  'an object or false',
  {
    maxRetries: 'a number from 0 or Infinity',
    maxDelayMs: 'a number from 0 or Infinity',
    onRetry: 'a function',
    shouldRetry: 'a function',
    waitForOnline: 'a function',
  },
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
