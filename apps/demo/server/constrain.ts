import type { Refusal } from './refusal.ts';
import type { FieldPath, Wire } from './protocols.ts';

export interface Limits extends Pick<Wire, 'messages' | 'caps' | 'choices'> {
  /** The models that the body may ask for; `null` where the path names the model. */
  models: readonly string[] | null;
  /** The most output tokens that one request may ask for. */
  maxTokens: number;
}

type Body = Record<string, unknown>;

/** Holds a request to the limits: the body to pass on, or why it is refused. */
export function constrain(text: string, limits: Limits): { body: string } | { refusal: Refusal } {
  const { models, messages, choices } = limits;
  const request = parseObject(text);
  if (request === null) return refuse('invalid_json', 'The body must be a JSON object.');
  if (!Array.isArray(request[messages])) return refuse('invalid_messages', `The ${messages} must be an array.`);
  if (models && !models.includes(request['model'] as string)) {
    return refuse('model_not_allowed', `Only ${models.join(', ')} can be asked for here.`);
  }
  // Several choices would multiply the cap.
  const count = choices && read(request, choices);
  if (count !== undefined && count !== 1) {
    return refuse('n_not_allowed', `Only one choice (${choices?.at(-1)}: 1) is allowed.`);
  }
  return { body: JSON.stringify(capTokens(request, limits)) };
}

function capTokens(request: Body, { maxTokens, caps }: Limits): Body {
  const asked = caps.filter((cap) => (read(request, cap) ?? null) !== null);
  return (asked.length > 0 ? asked : [caps[0]]).reduce((capped, cap) => {
    const count = read(capped, cap);
    const isWithin = typeof count === 'number' && count >= 0 && count <= maxTokens;
    return write(capped, cap, isWithin ? count : maxTokens);
  }, request);
}

function read(body: Body, [parent, name]: FieldPath): unknown {
  return name === undefined ? body[parent] : asObject(body[parent])?.[name];
}

function write(body: Body, [parent, name]: FieldPath, value: unknown): Body {
  return { ...body, [parent]: name === undefined ? value : { ...asObject(body[parent]), [name]: value } };
}

function parseObject(text: string): Body | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Body | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
}

function refuse(code: string, message: string): { refusal: Refusal } {
  return { refusal: { status: 400, code, message } };
}
