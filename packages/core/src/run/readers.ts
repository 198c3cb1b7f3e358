import type { StreamEvent } from '../event.ts';

/** Hands the events of a run to the loops that read it; each has a queue of its own and slows nobody. */
export interface Readers {
  push(event: StreamEvent): void;
  /** No more events; `error` is what each loop throws after what is queued. */
  end(error?: Error): void;
  /** An iterable of what `select` makes of the events; what it gives `undefined` for is left out. */
  iterable<T>(select: (event: StreamEvent) => T | undefined): AsyncIterable<T>;
}

interface Reader {
  queue: StreamEvent[];
  wake: () => void;
}

/** @param replay gives the events that a reader has missed. */
export function createReaders(replay: () => StreamEvent[]): Readers {
  const readers = new Set<Reader>();
  let isEnded = false;
  let failure: Error | undefined;

  async function* read<T>(select: (event: StreamEvent) => T | undefined): AsyncGenerator<T, void> {
    const reader: Reader = { queue: replay(), wake() {} };
    readers.add(reader);
    try {
      for (;;) {
        const { queue } = reader;
        reader.queue = [];
        for (const event of queue) {
          const value = select(event);
          if (value !== undefined) yield value;
        }
        if (reader.queue.length > 0) continue;
        if (failure) throw failure;
        if (isEnded) return;
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
      }
    } finally {
      readers.delete(reader);
    }
  }

  return {
    push(event) {
      for (const reader of readers) {
        reader.queue.push(event);
        reader.wake();
      }
    },
    end(error) {
      isEnded = true;
      failure = error;
      for (const reader of readers) reader.wake();
    },
    iterable: (select) => ({ [Symbol.asyncIterator]: () => read(select) }),
  };
}
