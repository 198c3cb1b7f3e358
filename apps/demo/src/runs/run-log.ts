import type { RunEvent, Store } from '@rivulet/core';

const LIMIT = 50;
/** How often readers are told at most: a batch has hundreds of turns a second, and nobody reads so fast. */
const PACE_MS = 250;

export interface LoggedRun {
  readonly id: string;
  /** By `performance.now()`. */
  readonly startedMs: number;
  /** What happened to it, the first first. There is at least one. */
  readonly turns: readonly [RunEvent, ...RunEvent[]];
}

/** The latest runs, the newest first. */
export interface RunLog extends Store<readonly LoggedRun[]> {
  /** Takes what `observeRuns` tells. */
  listen: (event: RunEvent) => void;
  /** Forgets the runs that have ended. */
  clear: () => void;
}

/** Keeps the last so many runs, and tells of a turn at once, then at most four times a second. */
export function createRunLog(limit = LIMIT): RunLog {
  /** In the order in which they began. */
  const runs = new Map<string, LoggedRun>();
  const listeners = new Set<() => void>();
  let snapshot: readonly LoggedRun[] = [];
  let isStale = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function read(): readonly LoggedRun[] {
    if (isStale) snapshot = [...runs.values()].toReversed();
    isStale = false;
    return snapshot;
  }

  function notify(): void {
    timer = undefined;
    if (!isStale || listeners.size === 0) return;
    read();
    timer = setTimeout(notify, PACE_MS);
    for (const listener of [...listeners]) listener();
  }

  function changed(): void {
    isStale = true;
    if (timer === undefined) notify();
  }

  function trim(): void {
    if (runs.size <= limit) return;
    const [oldest] = runs.keys();
    const ended = [...runs.values()].find((run) => !isUnderWay(run));
    runs.delete(ended?.id ?? oldest ?? '');
  }

  return {
    listen(event) {
      const { runId: id, attempt, elapsedMs, type } = event;
      const known = runs.get(id);
      // What comes later of a run that is no longer kept does not bring it back.
      if (!known && attempt > (type === 'request' ? 1 : 0)) return;
      runs.set(
        id,
        known
          ? { ...known, turns: [...known.turns, event] }
          : { id, startedMs: performance.now() - elapsedMs, turns: [event] },
      );
      trim();
      changed();
    },
    clear() {
      for (const run of runs.values()) if (!isUnderWay(run)) runs.delete(run.id);
      isStale = true;
      clearTimeout(timer);
      notify();
    },
    getSnapshot: () => (listeners.size === 0 ? read() : snapshot),
    subscribe(listener) {
      if (listeners.size === 0) read();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The latest that happened to it. */
export function lastTurn({ turns }: LoggedRun): RunEvent {
  return turns.at(-1) ?? turns[0];
}

export function isUnderWay(run: LoggedRun): boolean {
  return ['request', 'retry', 'first-content'].includes(lastTurn(run).type);
}
