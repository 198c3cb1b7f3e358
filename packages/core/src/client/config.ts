import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { LIMIT, RETRY, TIMEOUT } from './option-fields.ts';
import { LLMError } from '../errors/error.ts';
import { requirePlatform } from '../transport/platform.ts';
import type { Fetch } from '../transport/send.ts';
import type { Provider } from '../providers/provider.ts';
import { ownValue, record } from '../utils/read-value.ts';
import type { RetryOptions, TimeoutOptions } from '../types/request.ts';
import type { RunObserver } from '../run/observe.ts';

/** What a client does by default; each request and each call may say otherwise, field by field. */
export interface LLMConfig {
  /** Whom to ask: `openai({ … })`, or another one. */
  readonly provider: Provider;
  /** The model to ask, as the provider names it. */
  readonly model?: string | undefined;
  /** Default 0.7, except for reasoning models; `null` sends none. */
  readonly temperature?: number | null | undefined;
  /** Bound on the tokens of an answer. Default 2000, except for reasoning models; `null` sends none. */
  readonly maxTokens?: number | null | undefined;
  /** Instructions that stand before the messages. */
  readonly system?: string | undefined;
  /** `false` for a single attempt. Default: three attempts. */
  readonly retry?: RetryOptions | false | undefined;
  readonly timeout?: TimeoutOptions | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** `observeRuns(listener)`: told of each turn in the life of each run, for logs and metrics. */
  readonly observe?: RunObserver | undefined;
}

const CONFIG_FIELDS: Fields = {
  provider: 'anything',
  model: 'a string',
  temperature: LIMIT,
  maxTokens: LIMIT,
  system: 'a string',
  retry: RETRY,
  timeout: TIMEOUT,
  fetch: 'a function',
  observe: 'a function',
};

/** @throws {LLMError} with code `config` that names the option that is unknown or wrong. */
export function checkConfig(config: unknown): asserts config is LLMConfig {
  requirePlatform('AbortController');
  if (config === undefined || config === null) throw configError('new LLMClient() needs a provider');
  checkOptions('LLMClient', config, CONFIG_FIELDS);
  const provider = ownValue(config, 'provider');
  if (typeof provider === 'function') throw configError('provider is a function: call it');
  if (!isProvider(provider)) throw configError(`provider must be an object from a factory, not ${kindOf(provider)}`);
}

function isProvider(value: unknown): value is Provider {
  const provider = record(value);
  if (!provider || typeof provider['name'] !== 'string' || provider['name'] === '') return false;
  return typeof (provider['request'] ?? provider['generate']) === 'function';
}

function configError(message: string): LLMError {
  return new LLMError(`LLMClient: ${message}. Write new LLMClient({ provider: openai({ … }) })`, { code: 'config' });
}
