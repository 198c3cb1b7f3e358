import type { LLMError } from '../error.ts';
import type { Defaults } from '../providers/provider.ts';
import type { GenerateRequest } from '../request.ts';

const TEMPERATURE = 0.7;
const MAX_TOKENS = 2000;

/** The values for what requests leave open, less those that a model has refused. */
export interface ModelDefaults {
  for(request: GenerateRequest): Defaults;
  /** Drops for that model the one of `sent` that `error` names. Gives whether it names one. */
  drop(model: string | undefined, sent: Defaults, error: LLMError): boolean;
}

export function createModelDefaults(): ModelDefaults {
  const refused = new Set<string>();
  return {
    for(request) {
      const open = (name: keyof Defaults, value: number): number | undefined =>
        request[name] === undefined && !refused.has(name + request.model) ? value : undefined;
      return { temperature: open('temperature', TEMPERATURE), maxTokens: open('maxTokens', MAX_TOKENS) };
    },
    drop(model, sent, { status, message }) {
      let name: keyof Defaults | undefined;
      if (sent.temperature && /temperature/i.test(message)) name = 'temperature';
      else if (sent.maxTokens && /max_?(completion_|output_)?tokens|num_predict/i.test(message)) name = 'maxTokens';
      if (!name || (status !== 400 && status !== 422)) return false;
      refused.add(name + model);
      return true;
    },
  };
}
