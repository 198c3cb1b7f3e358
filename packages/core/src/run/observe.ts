import type { FinishReason, Usage } from '../types/completion.ts';
import { checkOptions } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { AbortError, isLLMError, LLMError, toFailure, type LLMErrorCode } from '../errors/error.ts';
import { createRedactor } from '../transport/redact.ts';
import { secretsInBody } from '../transport/secrets.ts';
import { isInstance } from '../errors/thrown.ts';
import { isContent } from '../types/event.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
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

/** Token counts; `raw`, which may hold whatever the server sent beside them, only comes with `content`. */
export type ObservedUsage = Omit<Usage, 'raw'> & { readonly raw?: unknown };

interface RunEventBase {
  /** The `id` of the `Run`. */
  readonly runId: string;
  readonly provider: string;
  /** As it was asked for; once the answer begins, as the provider calls it. */
  readonly model?: string | undefined;
  /** Counted from 1; 0 where the run failed before anything was sent. */
  readonly attempt: number;
  /** Since the run started, in ms. */
  readonly elapsedMs: number;
}

/** What a run had received when it ended. */
interface Received {
  /** Characters of text and of reasoning. */
  readonly length: number;
  /** With `content` only. */
  readonly text?: string | undefined;
}

type RunLifecycleEvent =
  | {
      /** An attempt begins. */
      readonly type: 'request';
      /** With `content` only. */
      readonly request?: ResolvedRequest | undefined;
    }
  | (ObservedFailure & {
      /** An attempt failed, and another one follows. */
      readonly type: 'retry';
      /** The wait before it. */
      readonly delayMs: number;
    })
  | {
      /** Something of the answer has come: text, reasoning, a tool call. Not told of an answer that has nothing. */
      readonly type: 'first-content';
    }
  | (Received & {
      /** The end of the answer was witnessed. */
      readonly type: 'finish';
      readonly finishReason?: FinishReason | undefined;
      readonly usage?: ObservedUsage | undefined;
      /** The provider's id of the answer. */
      readonly id?: string | undefined;
    })
  | (Received & ObservedFailure & { readonly type: 'error' })
  | (Received & {
      /** The caller stopped it. */
      readonly type: 'abort';
    });

/**
 * What happened to a run: `request`, then any number of `retry` and `request`, `first-content`, and one of `finish`,
 * `error` and `abort`. New types may come in a minor version: give a `switch` a default.
 */
export type RunEvent = RunEventBase & RunLifecycleEvent;

export interface ObserveOptions {
  /**
   * Lets the events hold what was asked and answered, the errors themselves, and token counts as they were sent. Keys are
   * in none of them. Default false.
   */
  readonly content?: boolean | undefined;
}

/**
 * For `observe` of a client: calls `listener` at each turn in the life of each run, for logs and metrics, and for no
 * token. A listener that throws, or rejects, harms no run; its error is reported as an unhandled rejection. A run that is
 * stopped before it starts tells nothing.
 * @throws {LLMError} with code `config` for an unknown option, or one with a wrong type.
 */
export function observeRuns(listener: (event: RunEvent) => void, options: ObserveOptions = {}): RunObserver {
  checkOptions('observeRuns', options, { content: 'a boolean' });
  if (typeof listener !== 'function') {
    throw new LLMError(`observeRuns: the listener must be a function, not ${kindOf(listener)}`, { code: 'config' });
  }
  const { content = false } = options;
  return (run, { provider, request }) => {
    const startedMs = performance.now();
    let attempt = 0;
    let { model } = request;
    let id: string | undefined;
    let usage: Usage | undefined;
    let finishReason: FinishReason | undefined;
    let text = '';
    let length = 0;
    let hasContent = false;

    function notify(lifecycle: RunLifecycleEvent): void {
      const elapsedMs = performance.now() - startedMs;
      const event: RunEvent = { runId: run.id, provider: provider.name, model, attempt, elapsedMs, ...lifecycle };
      invokeSafely(() => listener(event));
    }

    function failure(error: unknown): ObservedFailure {
      const known = isLLMError(error) ? error : toFailure(error);
      const { code, status, requestId, retryAfterMs } = known;
      return { code, status, requestId, retryAfterMs, ...(content && { error: known }) };
    }

    function counts(): ObservedUsage | undefined {
      if (!usage || content) return usage;
      const { raw: _, ...known } = usage;
      return known;
    }

    run.over.addEventListener('abort', () => {
      const { reason } = run.over as { reason: unknown };
      const received: Received = { length, ...(content && { text }) };
      if (isLLMError(reason)) notify({ type: 'error', ...failure(reason), ...received });
      // Also between the end of the answer and that of the run, which then rejects.
      else if (isInstance(reason, AbortError)) notify({ type: 'abort', ...received });
      else notify({ type: 'finish', finishReason, usage: counts(), id, ...received });
    });

    return {
      ...run,
      onAttempt(number) {
        attempt = number;
        notify({ type: 'request', ...(content && { request: withoutSecrets(request) }) });
        run.onAttempt(number);
      },
      onRetry(info) {
        notify({ type: 'retry', delayMs: info.delayMs, ...failure(info.error) });
        run.onRetry(info);
      },
      emit(events) {
        // What comes later is not part of the answer.
        if (run.over.aborted) return;
        for (const event of events) {
          if (event.type === 'start') {
            id = event.id || id;
            model = event.model || model;
          } else if (event.type === 'usage') {
            usage = event.usage;
          } else if (event.type === 'finish') {
            finishReason ??= event.reason;
          } else if (event.type === 'text' || event.type === 'reasoning') {
            // The run rejects any other delta.
            const delta = typeof event.delta === 'string' ? event.delta : '';
            length += delta.length;
            if (content && event.type === 'text') text += delta;
          }
        }
        if (!hasContent && events.some((event) => isContent(event) && event.type !== 'finish')) {
          hasContent = true;
          notify({ type: 'first-content' });
        }
        run.emit(events);
      },
    };
  };
}

/** The options of a request may have keys of their own. */
function withoutSecrets(request: ResolvedRequest): ResolvedRequest {
  const { providerOptions } = request;
  return providerOptions ? createRedactor(secretsInBody(providerOptions)).value(request) : request;
}
