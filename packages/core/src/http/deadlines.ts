import { TimeoutError, type TimeoutPhase } from '../error.ts';

/** Browsers fire a longer timer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Deadlines {
  start(phase: TimeoutPhase, ms: number | false): void;
  /** Bytes came: the idle time begins anew. */
  touch(): void;
  stop(phase: TimeoutPhase): void;
  stopAll(): void;
}

/** Watches deadlines under one timer: a chunk of bytes only notes the time, nothing is armed again. */
export function createDeadlines(provider: string, onExpire: (error: TimeoutError) => void): Deadlines {
  const limits = new Map<TimeoutPhase, { ms: number; since: number }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function check(): void {
    const now = performance.now();
    let wait = MAX_TIMER_MS;
    clearTimeout(timer);
    for (const [phase, limit] of limits) {
      const { ms } = limit;
      const left = limit.since + ms - now;
      if (left > 0) {
        wait = Math.min(wait, left);
      } else if (phase === 'idle' && globalThis.document?.visibilityState === 'hidden') {
        // A hidden page is slowed down or frozen by its browser: its silence says nothing about the server.
        limit.since = now;
        wait = Math.min(wait, ms);
      } else {
        limits.clear();
        onExpire(
          new TimeoutError(`${provider} missed the ${phase} deadline of ${ms} ms; try again, or raise it in timeout`, {
            phase,
            provider,
          }),
        );
      }
    }
    if (limits.size > 0) timer = setTimeout(check, wait);
  }

  return {
    start(phase, ms) {
      if (ms !== false) limits.set(phase, { ms, since: performance.now() });
      check();
    },
    touch() {
      const idle = limits.get('idle');
      if (idle) idle.since = performance.now();
    },
    stop(phase) {
      limits.delete(phase);
      check();
    },
    stopAll() {
      limits.clear();
      check();
    },
  };
}
