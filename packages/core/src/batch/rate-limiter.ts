import { abortable } from '../utils/abortable.ts';
import { backoffMs } from '../run/retry-policy.ts';
import { startTimer } from '../utils/timer.ts';
import { createQueue } from './queue.ts';

export interface LaneOptions {
  /** How many may be in the lane at most. */
  readonly limit: number;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** The lane begins to hold everybody up, or goes on. */
  readonly onPause: () => void;
}

/** A request that waits for a place. */
export interface LaneRequest {
  readonly tokens: number;
  readonly model: string | undefined;
}

/** One stay in the lane. */
export interface Ticket {
  /** The answer came; `tokens` is what it cost, where that was told. */
  succeed(tokens: number | undefined): void;
  /** The server is too busy, and named the delay, if any, in ms: everybody waits for it, and fewer may enter. */
  refuse(delayMs: number | undefined): void;
  leave(): void;
}

/** Where all requests of a batch pass: it shares what one of them learned from the server. */
export interface Lane {
  /**
   * Waits for a place, in the order of the calls: also after a refusal, so that a refused request is not in the way.
   * Resolves to `undefined` if it is dismissed.
   */
  enter(request: LaneRequest, signal: AbortSignal): Promise<Ticket | undefined>;
  /** Ends the waiting of those that `isDismissed`. */
  dismiss(isDismissed: (request: LaneRequest) => boolean): void;
  /** How many answers came so far. */
  answers(): number;
  /** How many are in the lane. */
  inside(): number;
  /** Until when everybody waits (epoch, ms), if so. */
  pausedUntilMs(): number | undefined;
}

const MINUTE_MS = 60_000;
/** What is left of the window after a refusal. */
const DECREASE = 0.7;
/**
 * After a refusal, requests are sent a little further apart than answers came, and from then on closer by a tenth with
 * each round of answers. So the server's pace is felt for, and a wait does not end in a rush. A server with a steady
 * pace names no longer delay than the distance that it wants, so that bounds it.
 */
const SPREAD = 1.1;
const CLOSER = 0.1;
/** How many answers the distance between them is averaged over, and how much a single one says. */
const AVERAGE_OF = 20;
const OUTLIER = 4;
/** How much a pace may make up for timers that come late, in ms. */
const SLACK_MS = 100;
/** The same for the distance between requests. */
const SMALL_SLACK_MS = 20;

interface Waiter {
  readonly request: LaneRequest;
  readonly go: (isDismissed: boolean) => void;
}

/** Lets so much through in a minute, evenly. */
function createPace(perMinute = Infinity) {
  let nextMs = -Infinity;
  return {
    /** When there is room again. */
    nextMs: () => nextMs,
    take(amount: number): void {
      nextMs = Math.max(nextMs, performance.now() - SLACK_MS) + (amount * MINUTE_MS) / perMinute;
    },
    /** More, or less, was taken than was said. */
    correct(amount: number): void {
      nextMs += (amount * MINUTE_MS) / perMinute;
    },
  };
}

export function createLane({ limit, requestsPerMinute, tokensPerMinute, onPause }: LaneOptions): Lane {
  const requests = createPace(requestsPerMinute);
  const spending = createPace(tokensPerMinute);
  const waiting = createQueue<Waiter>();
  let width = limit;
  let inside = 0;
  let answers = 0;
  let refusals = 0;
  let answeredMs = -Infinity;
  let gapMs = 0;
  let spreadMs = 0;
  let longestMs = 0;
  let spreadUntilMs = -Infinity;
  let pausedMs = -Infinity;
  let narrowedMs = -Infinity;
  let untilMs: number | undefined;
  let cancelTimer: (() => void) | undefined;

  function advance(): void {
    cancelTimer?.();
    for (;;) {
      const first = waiting.first();
      if (!first || inside >= Math.floor(width)) return;
      const leftMs = Math.max(pausedMs, spreadUntilMs, requests.nextMs(), spending.nextMs()) - performance.now();
      if (leftMs > 0) {
        cancelTimer = startTimer(advance, Math.ceil(leftMs));
        return;
      }
      if (untilMs) {
        untilMs = undefined;
        onPause();
      }
      waiting.remove(first);
      inside += 1;
      spreadUntilMs = Math.max(spreadUntilMs, performance.now() - SMALL_SLACK_MS) + spreadMs;
      requests.take(1);
      spending.take(first.request.tokens);
      first.go(false);
    }
  }

  function measure(): void {
    const now = performance.now();
    const distanceMs = now - answeredMs;
    answeredMs = now;
    if (distanceMs === Infinity) return;
    // A long wait says how long it was, not how fast the server is.
    const fitMs = gapMs ? Math.min(distanceMs, gapMs * OUTLIER) : distanceMs;
    gapMs += (fitMs - gapMs) / Math.min(answers, AVERAGE_OF);
  }

  function ticket(tokens: number): Ticket {
    const enteredMs = performance.now();
    return {
      succeed(actual = tokens) {
        measure();
        answers += 1;
        refusals = 0;
        spreadMs *= 1 - CLOSER / width;
        // One more for each round of answers.
        width = Math.min(limit, width + 1 / width);
        spending.correct(actual - tokens);
      },
      refuse(delayMs) {
        const now = performance.now();
        // Those that were sent before the window shrank say nothing new.
        const isNews = enteredMs >= narrowedMs;
        if (isNews) refusals += 1;
        const waitMs = delayMs ?? backoffMs(refusals);
        longestMs = Math.max(longestMs, waitMs);
        if (isNews) {
          width = Math.max(1, width * DECREASE);
          spreadMs = Math.min(gapMs, longestMs) * SPREAD;
          narrowedMs = now;
        }
        spending.correct(-tokens);
        if (now + waitMs > pausedMs) {
          pausedMs = now + waitMs;
          spreadUntilMs = pausedMs;
          untilMs = Date.now() + waitMs;
          onPause();
        }
      },
      leave() {
        inside -= 1;
        advance();
      },
    };
  }

  return {
    async enter(request, signal) {
      let waiter!: Waiter;
      const place = new Promise<boolean>((go) => {
        waiter = { request, go };
        waiting.add(waiter);
        advance();
      });
      try {
        const isDismissed = await abortable(place, signal);
        return isDismissed ? undefined : ticket(request.tokens);
      } catch (error) {
        // Without it, the place was assigned in the moment of the abort.
        if (!waiting.remove(waiter)) inside -= 1;
        advance();
        throw error;
      }
    },
    dismiss(isDismissed) {
      for (const waiter of waiting.all()) {
        if (!isDismissed(waiter.request)) continue;
        waiting.remove(waiter);
        waiter.go(true);
      }
      advance();
    },
    answers: () => answers,
    inside: () => inside,
    pausedUntilMs: () => (untilMs && untilMs > Date.now() ? untilMs : undefined),
  };
}
