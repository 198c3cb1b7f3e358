import type { TimeoutError } from '../error-classes.ts';
import { LLMError, type TimeoutPhase } from '../error.ts';
import type { TimeoutOptions } from '../request.ts';

const DEFAULTS: Readonly<Record<TimeoutPhase, number>> = {
  headers: 60_000,
  firstToken: 600_000,
  idle: 120_000,
  total: 0,
};

/** Browsers fire a longer timer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Deadlines {
  start(phase: TimeoutPhase): void;
  /** Bytes came: the idle time begins anew. */
  touch(this: void): void;
  /** Without a phase: all of them. */
  stop(this: void, phase?: TimeoutPhase): void;
}

/** Watches deadlines under one timer: a chunk of bytes only notes the time, nothing is armed again. */
export function createDeadlines(
  provider: string,
  options: TimeoutOptions,
  onExpire: (error: TimeoutError) => void,
): Deadlines {
  const since = new Map<TimeoutPhase, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function touch(): void {
    if (since.has('idle')) since.set('idle', performance.now());
  }

  function check(): void {
    const now = performance.now();
    let wait = MAX_TIMER_MS;
    clearTimeout(timer);
    // A hidden page is slowed down or frozen by its browser: its silence says nothing about the server.
    if (globalThis.document?.hidden) touch();
    for (const [phase, at] of since) {
      const ms = options[`${phase}Ms`] ?? DEFAULTS[phase];
      const left = ms ? at + ms - now : wait;
      wait = Math.min(wait, left);
      if (left > 0) continue;
      since.clear();
      onExpire(
        new LLMError(`${provider}: timeout.${phase}Ms (${ms}) passed, try again or raise it`, {
          code: 'timeout',
          phase,
        }) as TimeoutError,
      );
    }
    if (since.size) timer = setTimeout(check, wait);
  }

  return {
    start(phase) {
      since.set(phase, performance.now());
      check();
    },
    touch,
    stop(phase) {
      if (phase) since.delete(phase);
      else since.clear();
      check();
    },
  };
}
