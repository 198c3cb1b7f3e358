import { LLMError } from './error.ts';
import type { Fetch } from './http/send.ts';
import type { Provider } from './providers/provider.ts';
import type { RetryOptions, TimeoutOptions } from './request.ts';

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
}

const DEADLINE = 'number or false';

/** What each option may be; numbers are finite and not negative. */
const OPTIONS: Readonly<Record<string, string>> = {
  provider: 'object',
  model: 'string',
  temperature: 'number or null',
  maxTokens: 'number or null',
  system: 'string',
  retry: 'object or false',
  'retry.maxRetries': 'number',
  'retry.maxDelayMs': 'number',
  'retry.onRetry': 'function',
  timeout: 'object',
  'timeout.headersMs': DEADLINE,
  'timeout.firstTokenMs': DEADLINE,
  'timeout.idleMs': DEADLINE,
  'timeout.totalMs': DEADLINE,
  fetch: 'function',
};

function check(path: string, value: unknown): void {
  const expected = OPTIONS[path];
  if (!expected) fail(path, 'is not an option');
  if (value === undefined) return;
  const kind = value === null || value === false ? String(value) : typeof value;
  if (!expected.split(' or ').includes(kind) || (kind === 'number' && !((value as number) >= 0 && (value as number) < Infinity))) {
    fail(path, `must be ${expected}, not ${String(value)}`);
  }
  if (kind === 'object' && path !== 'provider') checkAll(value as object, `${path}.`);
}

function checkAll(options: object, prefix: string): void {
  for (const [name, value] of Object.entries(options)) check(prefix + name, value);
}

function fail(path: string, message: string): never {
  throw new LLMError(`LLMClient: ${path} ${message}`, { code: 'config' });
}

/** @throws {LLMError} with code `config`, naming the field that is wrong. */
export function checkConfig(config: LLMConfig): void {
  if (!config?.provider?.name) fail('provider', 'is missing: give openai({ … }), or another one');
  checkAll(config, '');
}

/** @throws {LLMError} with code `config`, naming the field that is wrong. */
export function checkCall({ retry, timeout }: Pick<LLMConfig, 'retry' | 'timeout'>): void {
  checkAll({ retry, timeout }, '');
}
