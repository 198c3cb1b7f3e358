import type { LLMError } from '../error.ts';
import type { Defaults } from '../providers/provider.ts';
import type { GenerateRequest } from '../request.ts';

const DEFAULTS: Defaults = { temperature: 0.7, maxTokens: 2000 };

/** The values for what requests leave open, less those that a model has refused. */
export interface ModelDefaults {
  for(request: GenerateRequest): Defaults;
  /** Drops for that model the one of `sent` that `error` names. Gives whether it names one. */
  drop(model: string | undefined, sent: Defaults, error: LLMError): boolean;
}

const NAMES = [
  ['temperature', /temperature/i],
  ['maxTokens', /max_?(completion_|output_)?tokens|num_predict/i],
] as const;

export function createModelDefaults(): ModelDefaults {
  const refused = new Set<string>();
  return {
    for: (request) =>
      Object.fromEntries(
        Object.entries(DEFAULTS).filter(
          ([name]) => request[name as keyof Defaults] === undefined && !refused.has(`${name} ${request.model}`),
        ),
      ),
    drop(model, sent, { status, message }) {
      const named = NAMES.find(([name, pattern]) => sent[name] && pattern.test(message));
      if (!named || (status !== 400 && status !== 422)) return false;
      refused.add(`${named[0]} ${model}`);
      return true;
    },
  };
}
