/** Hands the events of a run to the loops that read it; each has a queue of its own and slows nobody. */
export interface Readers<Event> {
  push(event: Event): void;
  /** No more events; `error` is what each loop throws after what is queued. */
  end(error?: Error): void;
  /** An iterable of what `select` makes of the events; what it gives `undefined` for is left out. */
  iterable<T>(select: (event: Event) => T | undefined): AsyncIterable<T>;
}

interface Reader<Event> {
  readonly queue: Event[];
  wake: () => void;
}

/** @param replay gives the events that a reader has missed. */
export function createReaders<Event>(replay: () => Event[]): Readers<Event> {
  const readers = new Set<Reader<Event>>();
  let ended: { readonly error?: Error | undefined } | undefined;

  async function* read<T>(select: (event: Event) => T | undefined): AsyncGenerator<T, void> {
    const reader: Reader<Event> = { queue: replay(), wake() {} };
    readers.add(reader);
    try {
      for (;;) {
        for (const event of reader.queue.splice(0)) {
          const value = select(event);
          if (value !== undefined) yield value;
        }
        if (reader.queue.length > 0) continue;
        if (ended?.error) throw ended.error;
        if (ended) return;
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
      ended = { error };
      for (const reader of readers) reader.wake();
    },
    iterable: (select) => ({ [Symbol.asyncIterator]: () => read(select) }),
  };
}
