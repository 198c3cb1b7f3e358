import type { Refusal } from './refusal.ts';

export interface Limits {
  /** The models that may be asked for. */
  models: readonly string[];
  /** The most output tokens that one request may ask for. */
  maxTokens: number;
  /** The name of the cap when the page sent none: OpenAI's newer models refuse `max_tokens`. */
  capField: 'max_tokens' | 'max_completion_tokens';
}

type ChatRequest = Record<string, unknown>;

/** Holds a request to the limits: the body to pass on, or why it is refused. */
export function constrain(text: string, limits: Limits): { body: string } | { refusal: Refusal } {
  const request = parseObject(text);
  if (request === null) return refuse('invalid_json', 'The body must be a JSON object.');
  if (!Array.isArray(request['messages'])) return refuse('invalid_messages', 'The messages must be an array.');
  if (typeof request['model'] !== 'string' || !limits.models.includes(request['model'])) {
    return refuse('model_not_allowed', `Only ${limits.models.join(', ')} can be asked for here.`);
  }
  // Several choices would multiply the cap.
  if (request['n'] !== undefined && request['n'] !== 1)
    return refuse('n_not_allowed', 'Only one choice (n: 1) is allowed.');
  return { body: JSON.stringify(capTokens(request, limits)) };
}

function capTokens(request: ChatRequest, { maxTokens, capField }: Limits): ChatRequest {
  const capped = { ...request };
  let found = false;
  for (const field of ['max_tokens', 'max_completion_tokens']) {
    const asked = capped[field];
    if (asked === undefined || asked === null) continue;
    found = true;
    capped[field] = typeof asked === 'number' && asked <= maxTokens ? asked : maxTokens;
  }
  if (!found) capped[capField] = maxTokens;
  return capped;
}

function parseObject(text: string): ChatRequest | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ChatRequest) : null;
  } catch {
    return null;
  }
}

function refuse(code: string, message: string): { refusal: Refusal } {
  return { refusal: { status: 400, code, message } };
}
