import type { Usage } from '../types/completion.ts';
import { LLMError } from '../errors/error.ts';
import type { Message, Part, Role, ToolApproval, ToolCall } from '../types/message.ts';
import { count, filledText, flag, record, text, UnexpectedValueError } from '../utils/read-value.ts';

const ROLES: readonly Role[] = ['system', 'user', 'assistant', 'tool'];

/**
 * A message from a value that was stored. Secondary fields with a wrong type are left out.
 * @throws {UnexpectedValueError} if it has no id, role or parts, or if a part lacks its content or has an unknown type.
 */
export function readMessage(value: unknown): Message {
  const fields = required(record(value), 'message', 'an object', value);
  const id = required(filledText(fields['id']), 'message.id', 'text', fields['id']);
  const found = ROLES.find((role) => role === fields['role']);
  const role = required(found, 'message.role', 'a role', fields['role']);
  const parts = fields['parts'];
  if (!Array.isArray(parts)) throw new UnexpectedValueError('message.parts', 'a list', parts);
  return {
    ...fields,
    id,
    role,
    parts: Array.from(parts, (part: unknown, index) => readPart(part, `message.parts[${index}]`)),
    ...(fields['parentId'] !== undefined && { parentId: filledText(fields['parentId']) }),
    ...(fields['metadata'] !== undefined && { metadata: record(fields['metadata']) }),
  };
}

/** @throws {UnexpectedValueError} if the part lacks its content or has an unknown type. */
function readPart(value: unknown, path: string): Part {
  const fields = required(record(value), path, 'an object', value);
  const { type } = fields;
  const common = withReadable(fields, { providerMetadata: record });

  function need(name: string): string {
    return required(text(fields[name]), `${path}.${name}`, 'text', fields[name]);
  }

  switch (type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { ...common, type, text: need('text') };
    case 'tool-call': {
      const call = withReadable(common, { error: readCallError, approval: readApproval });
      return { ...call, type, id: need('id'), name: need('name'), rawInput: need('rawInput') };
    }
    case 'tool-result': {
      const result = withReadable(common, { name: text, isError: flag, preliminary: flag });
      return { ...result, type, toolCallId: need('toolCallId'), output: fields['output'] };
    }
    case 'source':
      return { ...withReadable(common, { id: text, url: text, title: text, mediaType: text, filename: text }), type };
    case 'file':
      return { ...withReadable(common, { url: text, data: text, filename: text }), type, mediaType: need('mediaType') };
    case 'data':
      return { ...withReadable(common, { id: text }), type, name: need('name'), data: fields['data'] };
    default:
      throw new UnexpectedValueError(`${path}.type`, 'the type of a part', type);
  }
}

/** Token counts from a value that was stored. @default undefined if it is not an object */
export function readUsage(value: unknown): Usage | undefined {
  const fields = record(value);
  if (!fields) return undefined;
  const counts = withReadable(fields, {
    inputTokens: count,
    outputTokens: count,
    totalTokens: count,
    cachedInputTokens: count,
    cacheWriteTokens: count,
    reasoningTokens: count,
  });
  return { ...counts, raw: fields['raw'] };
}

function readApproval(value: unknown): ToolApproval | undefined {
  const fields = record(value);
  const id = text(fields?.['id']);
  return fields && id !== undefined ? { ...withReadable(fields, { approved: flag, reason: text }), id } : undefined;
}

/** An error is stored as data: neither JSON nor a structured clone keeps the class of an `LLMError`. */
function readCallError(value: unknown): ToolCall['error'] {
  const fields = record(value);
  if (!fields) return undefined;
  const code = fields['code'] === 'validation' ? 'validation' : 'parse';
  return Object.assign(new LLMError(text(fields['message']) ?? 'Invalid arguments', { code }), { code } as const);
}

type Readers = Readonly<Record<string, (value: unknown) => unknown>>;

/** `fields` with those that have a reader read by it. A field that cannot be read is left out. */
function withReadable<R extends Readers>(
  fields: Readonly<Record<string, unknown>>,
  readers: R,
): Omit<typeof fields, keyof R> & { [Name in keyof R]?: ReturnType<R[Name]> } {
  const read: Record<string, unknown> = { ...fields };
  for (const [name, reader] of Object.entries(readers)) {
    if (!(name in read)) continue;
    const value = reader(read[name]);
    if (value === undefined) delete read[name];
    else read[name] = value;
  }
  return read as Omit<typeof fields, keyof R> & { [Name in keyof R]?: ReturnType<R[Name]> };
}

function required<T>(value: T | undefined, path: string, expected: string, found: unknown): T {
  if (value === undefined) throw new UnexpectedValueError(path, expected, found);
  return value;
}
