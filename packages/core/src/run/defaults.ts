import type { LLMError } from '../error.ts';
import type { Defaults } from '../providers/provider.ts';
import type { GenerateRequest } from '../request.ts';

const TEMPERATURE = 0.7;
const MAX_TOKENS = 2000;

/** The defaults that models have refused so far. */
export type RefusedDefaults = Set<string>;

/** The values for what a request leaves open, less those that its model has refused. */
export function defaultsFor(request: GenerateRequest, refused: RefusedDefaults): Defaults {
  const open = (name: keyof Defaults, value: number): number | undefined =>
    request[name] === undefined && !refused.has(name + request.model) ? value : undefined;
  return { temperature: open('temperature', TEMPERATURE), maxTokens: open('maxTokens', MAX_TOKENS) };
}

/** Notes for the model the one of the `sent` defaults that `error` names. Gives whether it names one. */
export function noteRefused(
  refused: RefusedDefaults,
  sent: Defaults,
  model: string | undefined,
  { status, message }: LLMError,
): boolean {
  let name: keyof Defaults | undefined;
  if (sent.temperature && /temperature/i.test(message)) name = 'temperature';
  else if (sent.maxTokens && /max\w*tokens|num_predict/i.test(message)) name = 'maxTokens';
  return (status === 400 || status === 422) && !!name && !!refused.add(name + model);
}
