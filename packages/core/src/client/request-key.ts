import type { LLMClient } from './client.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import type { GenerateRequest } from '../types/request.ts';
import { hash } from '../utils/hash.ts';

/**
 * The key of a request: the same for the same provider, model, settings and messages, in whatever order their fields
 * are written and whether the client or the request says them.
 */
export function requestKey({ config }: LLMClient, request: GenerateRequest): string {
  const { provider, retry: _retry, timeout: _timeout, fetch: _fetch, ...defaults } = config;
  const whole = mergeDefined<GenerateRequest>(defaults, request);
  return hash(JSON.stringify([provider.name, whole], (_, value: unknown) => sorted(value)));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || !value || Array.isArray(value)) return value;
  // `toSorted` is newer than ES2022.
  // oxlint-disable-next-line unicorn/no-array-sort
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
