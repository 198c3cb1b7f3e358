import { LLMClient, waitForOnline, type LLMError, type RunSnapshot, type TimeoutOptions } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';

export interface Settings {
  timeout?: TimeoutOptions;
  /** Try again, and only once there is a network. Default: a single attempt. */
  waitForOnline?: boolean;
}

export interface Outcome {
  finishReason?: string | undefined;
  text?: string | undefined;
  error?: { [Field in 'name' | 'code' | 'phase' | 'isOffline' | 'isRetryable']?: unknown };
}

/** What the tests drive. */
export interface PageLife {
  /** What happened to the page, in order; `text` says that text was seen after none. */
  readonly events: readonly string[];
  /** How the run ended, once it has. */
  outcome?: Outcome | undefined;
  start(settings?: Settings): void;
  snapshot(): Pick<RunSnapshot, 'text' | 'status' | 'retry'>;
  abort(): void;
}

declare global {
  var pageLife: PageLife;
}

const events: string[] = [];
let run: ReturnType<LLMClient['stream']> | undefined;

// The tests take the network or the server away once this is there.
await openai({ baseURL: location.origin }).load?.();

globalThis.pageLife = {
  events,
  start(settings = {}) {
    const client = new LLMClient({ provider: openai({ baseURL: location.origin }), model: 'model-1' });
    run = client.stream('hello', {
      timeout: settings.timeout,
      retry: settings.waitForOnline ? { waitForOnline } : false,
    });
    run.subscribe(() => events.push(run?.getSnapshot().text ?? ''));
    run.result.then(
      ({ text, finishReason }) => void (pageLife.outcome = { text, finishReason }),
      (thrown: unknown) => {
        const { name, code, phase, isOffline, isRetryable, partial } = thrown as LLMError & {
          phase?: string;
          isOffline?: boolean;
        };
        pageLife.outcome = { text: partial?.text, error: { name, code, phase, isOffline, isRetryable } };
      },
    );
  },
  snapshot() {
    if (!run) throw new Error('No run was started');
    const { text, status, retry } = run.getSnapshot();
    return { text, status, retry };
  },
  abort: () => run?.abort(),
};

addEventListener('pageshow', (event) => events.push(event.persisted ? 'back from the cache' : 'loaded'));
for (const type of ['freeze', 'resume', 'visibilitychange']) document.addEventListener(type, () => events.push(type));
