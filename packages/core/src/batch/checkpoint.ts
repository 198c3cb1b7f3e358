import type { Completion } from '../completion.ts';
import { describeThrown } from '../thrown.ts';

/**
 * Keeps the answers of a batch, so that the next one goes on where it stopped. An answer is plain data, and may go
 * through JSON. Any storage will do: each method may give a promise, and throws if it cannot do what it is asked.
 */
export interface CheckpointStore {
  /** What is kept under this key; nothing (`undefined` or `null`) if there is none. */
  get(key: string): Completion | null | undefined | Promise<Completion | null | undefined>;
  set(key: string, value: Completion): void | Promise<void>;
  /** Forgets all that it keeps. */
  clear(): void | Promise<void>;
}

/** A checkpoint could not be read or kept. `cause` says why: a `QuotaExceededError`, for one, when storage is full. */
export class CheckpointError extends Error {
  override name = 'CheckpointError';
  readonly operation: 'get' | 'set';
  /** The item it was for. */
  readonly index: number;

  constructor(operation: 'get' | 'set', index: number, cause: unknown) {
    const verb = operation === 'get' ? 'read' : 'kept';
    super(`The checkpoint of item ${index} could not be ${verb}: ${describeThrown(cause)}`, { cause });
    this.operation = operation;
    this.index = index;
  }
}
