import type { TimeoutError } from '../errors/error-classes.ts';
import { LLMError, type TimeoutPhase } from '../errors/error.ts';
import type { TimeoutOptions } from '../types/request.ts';

const DEFAULTS: Readonly<Record<TimeoutPhase, number>> = {
  headers: 60_000,
  firstToken: 600_000,
  idle: 120_000,
  total: 0,
};

/** How often to look at least, in ms. A look that comes much later than it should says that the page did not run. */
const LOOK_MS = 5000;

export interface Deadlines {
  start(phase: TimeoutPhase): void;
  /** Bytes came: the silence of the server begins anew. */
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
  let looked = performance.now();

  function touch(): void {
    for (const phase of ['headers', 'idle'] as const) if (since.has(phase)) since.set(phase, performance.now());
  }

  function check(): void {
    const now = performance.now();
    let wait = LOOK_MS;
    clearTimeout(timer);
    // A page that is hidden, was frozen (the back/forward cache) or slept may not have been told what came.
    if (globalThis.document?.hidden || now - looked > 2 * LOOK_MS) touch();
    looked = now;
    for (const [phase, at] of since) {
      const ms = options[`${phase}Ms`] ?? DEFAULTS[phase];
      const left = ms ? at + ms - now : wait;
      wait = Math.min(wait, left);
      if (left > 0) continue;
      const message = `${provider}: timeout.${phase}Ms (${ms}) passed, raise it`;
      since.clear();
      onExpire(new LLMError(message, { code: 'timeout', phase }) as TimeoutError);
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
