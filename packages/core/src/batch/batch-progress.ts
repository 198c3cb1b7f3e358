/**
 * How far a batch is. While the total is known, `done`, `unsent`, `running` and `waiting` add up to it in every snapshot.
 */
export interface BatchProgress {
  /** Items that have been worked on and have ended, the failed ones included. */
  readonly done: number;
  /** Those of the done items that failed. */
  readonly failed: number;
  /** Items that failed without being sent, because of the failure of another one. They are not `done`. */
  readonly unsent: number;
  /** Items at work, those included that wait for a rate limit. */
  readonly running: number;
  /** Items without a result that are not at work. Absent while `total` is. */
  readonly waiting?: number | undefined;
  /** All items. Absent for an iterable until its end was read. */
  readonly total?: number | undefined;
  /** Items a second, over the last ten seconds. */
  readonly rate: number;
  /** Set while a server's rate limit holds the batch up: until when (epoch, ms). */
  readonly pausedUntilMs?: number | undefined;
}

const SPAN_MS = 10_000;
const STEP_MS = 250;

/** A function that takes how many items have ended, and gives how many end in a second. */
export function createRate(): (done: number) => number {
  const samples: (readonly [atMs: number, done: number])[] = [];
  return (done) => {
    const now = performance.now();
    const last = samples.at(-1);
    if (!last || now - last[0] >= STEP_MS) samples.push([now, done]);
    // The oldest sample is the youngest one that is older than the span.
    while (samples[1] && now - samples[1][0] > SPAN_MS) samples.shift();
    const [atMs, before] = samples[0] ?? [now, done];
    return now > atMs ? ((done - before) * 1000) / (now - atMs) : 0;
  };
}
