/** Tokens at a steady rate, until stopped; it remembers when each character came. */
export interface TokenSource {
  readonly stream: AsyncIterable<string>;
  /** When the character at this position came, or `undefined` if it has not. */
  arrival(position: number): number | undefined;
  readonly length: number;
  stop(): void;
}

const TICK_MS = 5;

export function tokenSource(pieces: readonly string[], perSecond: number): TokenSource {
  const arrivals: number[] = [];
  const controller = new AbortController();

  async function* stream(): AsyncGenerator<string> {
    const start = performance.now();
    for (let sent = 0; !controller.signal.aborted;) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const now = performance.now();
      for (const due = ((now - start) / 1000) * perSecond; sent < due; sent += 1) {
        const piece = pieces[sent % pieces.length]!;
        for (let i = 0; i < piece.length; i += 1) arrivals.push(now);
        yield piece;
      }
    }
  }

  return {
    stream: stream(),
    arrival: (position) => arrivals[position],
    get length() {
      return arrivals.length;
    },
    stop: () => controller.abort(),
  };
}
