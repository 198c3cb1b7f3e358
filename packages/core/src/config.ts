import { LLMError } from './error.ts';
import type { Fetch } from './http/send.ts';
import type { Provider } from './providers/provider.ts';
import type { RetryOptions, TimeoutOptions } from './request.ts';
import type { RunObserver } from './run/observe-runs.ts';

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

const COUNT = 'number from 0';
const LIMIT = `${COUNT} or null`;
const DEADLINE = `${COUNT} or false`;

/** What each option may be; numbers are finite and not negative. */
const OPTIONS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  provider: 'object',
  model: 'string',
  temperature: LIMIT,
  maxTokens: LIMIT,
  system: 'string',
  retry: 'object or false',
  maxRetries: COUNT,
  maxDelayMs: COUNT,
  onRetry: 'function',
  waitForOnline: 'function',
  timeout: 'object',
  headersMs: DEADLINE,
  firstTokenMs: DEADLINE,
  idleMs: DEADLINE,
  totalMs: DEADLINE,
  fetch: 'function',
  observe: 'function',
};

/** @throws {LLMError} with code `config`, naming the field that is wrong. */
export function checkOptions(options: object): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    const expected = OPTIONS[name] ?? 'left out';
    const kind = value === null || value === false ? `${value}` : typeof value;
    const isFit = expected.includes(kind) && (kind !== 'number' || ((value as number) >= 0 && value !== Infinity));
    if (value !== undefined && !isFit) throw new LLMError(`LLMClient: ${name} must be ${expected}`, { code: 'config' });
    if (kind === 'object' && name !== 'provider') checkOptions(value as object);
  }
}
