import type { FinishReason } from '../types/completion.ts';
import { LLMError } from '../errors/error.ts';
import type { PartEvent, StreamEvent } from '../types/event.ts';
import { checkSize } from '../errors/limits.ts';
import { count, filledText, flag, ordinal, record, text, UnexpectedValueError } from '../utils/read-value.ts';
import { isInstance } from '../errors/thrown.ts';

interface Field {
  readonly expected: string;
  readonly isRequired?: boolean;
  isRight(value: unknown): boolean;
}

const TEXT: Field = { expected: 'text', isRight: (value) => text(value) !== undefined };
const FILLED: Field = { expected: 'text that is not empty', isRight: (value) => filledText(value) !== undefined };
const FLAG: Field = { expected: 'a boolean', isRight: (value) => flag(value) !== undefined };
const INDEX: Field = { expected: 'an integer from 0', isRight: (value) => ordinal(value) !== undefined };
const COUNT: Field = { expected: 'a number from 0', isRight: (value) => count(value) !== undefined };
const OBJECT: Field = { expected: 'an object', isRight: (value) => record(value) !== undefined };
const JSON_VALUE: Field = { expected: 'plain JSON', isRight: isPlainJSON };
const JSON_OBJECT: Field = {
  expected: 'an object of plain JSON',
  isRight: (value) => record(value) !== undefined && isPlainJSON(value),
};

function required(field: Field): Field {
  return { ...field, isRequired: true };
}

type Fields = readonly (readonly [path: string, field: Field])[];

const PART: Fields = [
  ['index', INDEX],
  ['providerMetadata', JSON_OBJECT],
];

const DELTA: Fields = [...PART, ['delta', required(TEXT)]];

const TOOL_CALL: Fields = [
  ...PART,
  ['index', required(INDEX)],
  ['toolCall', required(OBJECT)],
  ['toolCall.id', required(FILLED)],
  ['toolCall.name', required(FILLED)],
  ['toolCall.rawInput', required(TEXT)],
  ['toolCall.input', JSON_VALUE],
  ['toolCall.error', OBJECT],
  ['toolCall.approval', OBJECT],
  ['toolCall.approval.id', TEXT],
  ['toolCall.approval.approved', FLAG],
  ['toolCall.approval.reason', TEXT],
];

/** The fields of each type of event. */
const EVENTS: Readonly<Record<StreamEvent['type'], Fields>> = {
  start: [
    ['id', TEXT],
    ['model', TEXT],
  ],
  text: DELTA,
  reasoning: DELTA,
  refusal: DELTA,
  'tool-call-start': [...PART, ['index', required(INDEX)], ['id', required(FILLED)], ['name', required(FILLED)]],
  'tool-call-delta': [...DELTA, ['index', required(INDEX)]],
  'tool-call': TOOL_CALL,
  'tool-approval-request': [
    ...TOOL_CALL,
    ['approvalId', required(FILLED)],
    ['toolCallId', required(FILLED)],
    ['toolCall.approval', required(OBJECT)],
  ],
  'tool-result': [
    ...PART,
    ['toolCallId', required(FILLED)],
    ['name', TEXT],
    ['output', JSON_VALUE],
    ['isError', FLAG],
    ['preliminary', FLAG],
  ],
  source: [...PART, ['id', TEXT], ['url', TEXT], ['title', TEXT], ['mediaType', TEXT], ['filename', TEXT]],
  file: [...PART, ['mediaType', required(TEXT)], ['url', TEXT], ['data', TEXT], ['filename', TEXT]],
  data: [...PART, ['name', required(TEXT)], ['id', TEXT], ['data', JSON_VALUE], ['transient', FLAG]],
  step: [],
  metadata: [['metadata', required(JSON_OBJECT)]],
  usage: [
    ['usage', required(OBJECT)],
    ['usage.inputTokens', COUNT],
    ['usage.outputTokens', COUNT],
    ['usage.totalTokens', COUNT],
    ['usage.cachedInputTokens', COUNT],
    ['usage.cacheWriteTokens', COUNT],
    ['usage.reasoningTokens', COUNT],
    ['usage.raw', JSON_VALUE],
  ],
  finish: [
    ['reason', required(FILLED)],
    ['raw', TEXT],
  ],
};

const FINISH_REASONS: Readonly<Record<FinishReason, true>> = {
  stop: true,
  length: true,
  'tool-calls': true,
  'content-filter': true,
  refusal: true,
  pause: true,
  other: true,
};

/**
 * An event of code outside of Rivulet: a provider with `generate`, or a source of `runFrom`. A newer version may have events
 * and finish reasons of unknown types: such an event is kept as a data part if it is plain JSON, and such a reason is `other`.
 * @throws {LLMError} with code `parse` that names the field which is wrong, or with code `limit` for JSON that is nested too
 * deep.
 */
export function checkedEvent(event: StreamEvent): StreamEvent {
  const type = text(record(event)?.['type']);
  if (type === undefined) throw brokenEvent('the event', 'a text or an event with a type', event);
  if (!isEventType(type) && !isPlainJSON(event)) throw brokenEvent(`the event ${type}`, JSON_OBJECT.expected, event);
  for (const [path, { expected, isRequired, isRight }] of isEventType(type) ? EVENTS[type] : PART) {
    const value = valueAt(event, path);
    if (value === undefined ? isRequired : !isRight(value)) throw brokenEvent(`${type}.${path}`, expected, value);
  }
  if (!isEventType(type)) return toDataEvent(event);
  if (event.type !== 'finish' || Object.hasOwn(FINISH_REASONS, event.reason)) return event;
  return { ...event, reason: 'other', raw: event.raw ?? event.reason };
}

/** A message with a part of an unknown type could be neither stored nor sent. */
function toDataEvent({ type, index, providerMetadata, ...data }: { readonly type: string } & PartEvent): StreamEvent {
  return { type: 'data', name: type, data, index, providerMetadata };
}

function brokenEvent(path: string, expected: string, value: unknown): LLMError {
  const cause = new UnexpectedValueError(path, expected, value);
  return new LLMError(`A broken event: ${cause.message}`, { code: 'parse', cause });
}

function isEventType(type: string): type is StreamEvent['type'] {
  return Object.hasOwn(EVENTS, type);
}

function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const name of path.split('.')) value = record(value)?.[name];
  return value;
}

/** Levels of nesting of plain values, so that a state whose snapshots share what did not change costs what changed. */
const knownLevels = new WeakMap<object, number>();

/** Whether a value is the same once it was written as JSON and read again. An `Error` of a call may be within. */
function isPlainJSON(value: unknown): boolean {
  return levelsOf(value, new Set()) !== undefined;
}

/**
 * Levels of nesting of a value; `undefined` if it is not plain JSON.
 * @param open the objects that contain it.
 */
function levelsOf(value: unknown, open: Set<object>): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : undefined;
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return 0;
  if (typeof value !== 'object' || open.has(value)) return undefined;
  let levels = knownLevels.get(value);
  checkSize('depth', open.size + (levels ?? 1));
  if (levels !== undefined) return levels;
  if (isInstance(value, Error)) return 1;
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  open.add(value);
  levels = 1;
  for (const field of fields) {
    const below = levelsOf(field, open);
    if (below === undefined) return undefined;
    levels = Math.max(levels, below + 1);
  }
  open.delete(value);
  knownLevels.set(value, levels);
  return levels;
}

/** The values of a list or a plain object; `undefined` for other objects, and for those with a getter. */
function fieldsOf(value: object): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined;
  const fields: unknown[] = [];
  for (const name of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (!property || !('value' in property)) return undefined;
    fields.push(property.value);
  }
  return fields;
}
