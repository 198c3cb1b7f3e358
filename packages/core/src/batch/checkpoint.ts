import type { Completion, FinishReason } from '../types/completion.ts';
import { textOf } from '../types/message.ts';
import { readMessage, readUsage } from '../client/read-message.ts';
import { ordinal, record, text, UnexpectedValueError } from '../utils/read-value.ts';
import { describeThrown } from '../errors/thrown.ts';

/** The form of the checkpoints that this version writes. It reads all forms up to this one. */
const VERSION = 1;

/** An answer as a batch stores it. */
export interface Checkpoint extends Completion {
  /** The form of the record. */
  readonly version: number;
  /** The key of the request that it answers. */
  readonly key: string;
}

/**
 * Stores the answers of a batch, so that the next batch continues where it stopped. A checkpoint is plain data, and may be
 * stored as JSON. Each method may return a promise, and throws if it fails. Two batches of one page that use the same
 * store object at the same time send equal requests once.
 */
export interface CheckpointStore {
  /**
   * The value stored under this key; `undefined` or `null` if there is none. The batch validates it: an answer that cannot
   * be read is asked for again, and overwritten by the new one; that of a newer version of Rivulet is not overwritten.
   */
  get(key: string): unknown;
  set(key: string, value: Checkpoint): void | Promise<void>;
  /** Removes all checkpoints of this store. */
  clear(): void | Promise<void>;
}

/**
 * A checkpoint could not be read (`get`), or could not be written (`set`). `cause` is the reason, such as a
 * `QuotaExceededError` of a full storage.
 */
export class CheckpointError extends Error {
  override name = 'CheckpointError';
  readonly operation: 'get' | 'set';
  /** The index of the item. */
  readonly index: number;

  constructor(operation: 'get' | 'set', index: number, cause: unknown) {
    const verb = operation === 'get' ? 'read' : 'written';
    super(`The checkpoint of item ${index} could not be ${verb}: ${describeThrown(cause)}`, { cause });
    this.operation = operation;
    this.index = index;
  }
}

/** The stored value is a checkpoint of a newer version, which can read it. */
export class NewerCheckpoint extends Error {
  constructor(version: number) {
    super(`checkpoint.version is ${version}: a newer version of Rivulet wrote it`);
  }
}

const FINISH_REASONS: readonly FinishReason[] = [
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'other',
];

export function toCheckpoint(key: string, completion: Completion): Checkpoint {
  return { version: VERSION, key, ...completion };
}

/**
 * The answer in a stored value. A record without a version was written before there were versions, and has no key.
 * @throws {NewerCheckpoint} if a newer version wrote the value.
 * @throws {Error} if the value is not a whole answer, or answers another request.
 */
export function readCheckpoint(value: unknown, key: string): Completion {
  const fields = record(value);
  if (!fields) throw new UnexpectedValueError('checkpoint', 'an object', value);
  const { version } = fields;
  if (version !== undefined && version !== VERSION) {
    const number = ordinal(version) ?? 0;
    if (number > VERSION) throw new NewerCheckpoint(number);
    throw new UnexpectedValueError('checkpoint.version', 'a version of Rivulet', version);
  }
  if (version === VERSION && fields['key'] !== key) throw new Error('checkpoint.key is the key of another request');

  const message = readMessage(fields['message']);
  if (message.role !== 'assistant') throw new Error('checkpoint.message.role is not assistant');
  const finishReason = FINISH_REASONS.find((reason) => reason === fields['finishReason']);
  if (!finishReason) throw new UnexpectedValueError('checkpoint.finishReason', 'a reason', fields['finishReason']);
  const answer = textOf(message.parts, 'text');
  if (fields['text'] !== answer) throw new Error('checkpoint.text is not the text of its message');

  return {
    message,
    finishReason,
    rawFinishReason: text(fields['rawFinishReason']),
    usage: readUsage(fields['usage']),
    id: text(fields['id']),
    model: text(fields['model']),
    text: answer,
    reasoning: textOf(message.parts, 'reasoning'),
    toolCalls: message.parts.filter((part) => part.type === 'tool-call'),
    sources: message.parts.filter((part) => part.type === 'source'),
  };
}
