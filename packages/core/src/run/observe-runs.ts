import type { FinishReason, Usage } from '../completion.ts';
import { LLMError, type LLMErrorCode } from '../error.ts';
import { isContent } from '../event.ts';
import type { ResolvedRequest } from '../providers/provider.ts';
import type { RunControl } from './run.ts';

/** Stands between what carries out a run and the run: gives the control to report to instead. */
export type RunObserver = (
  run: RunControl,
  about: { readonly provider: { readonly name: string }; readonly request: ResolvedRequest },
) => RunControl;

/** What an observed failure tells; its message, which may quote the server, only comes with `content`. */
export interface ObservedFailure {
  readonly code: LLMErrorCode;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** With `content` only. */
  readonly error?: LLMError | undefined;
}

interface RunEventBase {
  readonly runId: string;
  readonly provider: string;
  readonly model?: string | undefined;
  /** Counted from 1. */
  readonly attempt: number;
  /** Since the run started, in ms. */
  readonly elapsedMs: number;
}

/** What happened to a run. New types may come in a minor version: give a `switch` a default. */
export type RunEvent = RunEventBase &
  (
    | {
        /** An attempt begins. */
        readonly type: 'request';
        /** With `content` only. */
        readonly request?: ResolvedRequest | undefined;
      }
    | (ObservedFailure & {
        /** An attempt failed, and another one follows. */
        readonly type: 'retry';
        readonly delayMs: number;
      })
    | { readonly type: 'first-content' }
    | {
        /** The end of the answer was witnessed. */
        readonly type: 'finish';
        readonly finishReason?: FinishReason | undefined;
        readonly usage?: Usage | undefined;
        /** The provider's id of the answer. */
        readonly id?: string | undefined;
        /** Characters of text and of reasoning. */
        readonly length: number;
        /** With `content` only. */
        readonly text?: string | undefined;
      }
    | (ObservedFailure & { readonly type: 'error'; readonly length: number; readonly text?: string | undefined })
    | {
        /** The caller stopped it. */
        readonly type: 'abort';
        readonly length: number;
        readonly text?: string | undefined;
      }
  );

export interface ObserveOptions {
  /** Lets the events hold what was asked and answered, and the errors themselves. Default false. */
  readonly content?: boolean | undefined;
}

/**
 * For `observe` of a client: calls `listener` at each turn in the life of each run, for logs and metrics. A listener that
 * throws is reported as an uncaught error, and harms no run.
 */
export function observeRuns(listener: (event: RunEvent) => void, options: ObserveOptions = {}): RunObserver {
  return (run, { provider, request }) => {
    const startedAt = performance.now();
    let attempt = 0;
    let { model } = request;
    let id: string | undefined;
    let usage: Usage | undefined;
    let finishReason: FinishReason | undefined;
    let text = '';
    let length = 0;
    let hasContent = false;

    function tell(event: object): void {
      const about = {
        runId: run.id,
        provider: provider.name,
        model,
        attempt,
        elapsedMs: performance.now() - startedAt,
      };
      void (async () => listener({ ...about, ...event } as RunEvent))();
    }

    function failure(error: unknown): ObservedFailure {
      const known = error instanceof LLMError ? error : new LLMError(String(error), { code: 'unknown' });
      const { code, status, requestId, retryAfterMs } = known;
      return { code, status, requestId, retryAfterMs, ...(options.content && { error: known }) };
    }

    run.signal.addEventListener('abort', () => {
      const { reason } = run.signal as { reason: unknown };
      const received = { length, ...(options.content && { text }) };
      if (reason instanceof LLMError) tell({ type: 'error', ...failure(reason), ...received });
      else if (finishReason) tell({ type: 'finish', finishReason, usage, id, ...received });
      else tell({ type: 'abort', ...received });
    });

    return {
      ...run,
      setRetry(info) {
        if (info) {
          tell({ type: 'retry', delayMs: info.delayMs, ...failure(info.error) });
        } else {
          attempt += 1;
          tell({ type: 'request', ...(options.content && { request }) });
        }
        run.setRetry(info);
      },
      emit(events) {
        for (const event of events) {
          if (event.type === 'start') {
            id = event.id ?? id;
            model = event.model ?? model;
          } else if (event.type === 'usage') {
            usage = event.usage;
          } else if (event.type === 'finish') {
            finishReason ??= event.reason;
          } else if (event.type === 'text' || event.type === 'reasoning') {
            length += event.delta.length;
            if (options.content && event.type === 'text') text += event.delta;
          }
        }
        if (!hasContent && events.some(isContent)) {
          hasContent = true;
          tell({ type: 'first-content' });
        }
        run.emit(events);
      },
    };
  };
}
