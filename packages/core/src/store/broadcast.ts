import { limitError, LIMITS } from '../errors/limits.ts';

/** Hands the events of a run to the loops that read it; each has a queue of its own and slows nobody. */
export interface Readers<Event> {
  /** @param size counts for the bound on what a loop has not read yet. */
  push(event: Event, size: number): void;
  /** No more events; `error` is what each loop throws after what is queued. */
  end(error?: Error): void;
  /** An iterable of what `select` makes of the events; what it gives `undefined` for is left out. */
  iterable<T>(select: (event: Event) => T | undefined): AsyncIterable<T>;
}

interface Reader<Event> {
  push(event: Event, size: number): void;
  wake(): void;
}

/** What an event costs besides its values. */
const EVENT_SIZE = 8;

/** @param replay gives the events that a reader has missed. */
export function createReaders<Event>(replay: () => Event[]): Readers<Event> {
  const readers = new Set<Reader<Event>>();
  let ended: { readonly error?: Error | undefined } | undefined;

  async function* read<T>(select: (event: Event) => T | undefined): AsyncGenerator<T, void> {
    let queue: T[] = [];
    let queuedSize = 0;
    let isBehind = false;
    let wake = (): void => undefined;
    const reader: Reader<Event> = {
      push(event, size) {
        if (isBehind) return;
        const value = select(event);
        if (value === undefined) return;
        queue.push(value);
        queuedSize += size + EVENT_SIZE;
        // A run goes on without a loop that does not read.
        if (!(queuedSize <= LIMITS.reader)) {
          isBehind = true;
          queue = [];
        }
        wake();
      },
      wake: () => wake(),
    };
    for (const event of replay()) reader.push(event, 0);
    readers.add(reader);
    try {
      for (;;) {
        const values = queue;
        queue = [];
        queuedSize = 0;
        for (const value of values) yield value;
        if (isBehind) throw limitError('reader');
        if (queue.length > 0) continue;
        if (ended?.error) throw ended.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      readers.delete(reader);
    }
  }

  return {
    push(event, size) {
      for (const reader of readers) reader.push(event, size);
    },
    end(error) {
      ended = { error };
      for (const reader of readers) reader.wake();
    },
    iterable: (select) => ({ [Symbol.asyncIterator]: () => read(select) }),
  };
}
