import { LLMError } from '../errors/error.ts';
import { ordinal } from '../utils/read-value.ts';
import { createPacedStore, type Store } from '../store/store.ts';
import { createRate, type BatchProgress } from './batch-progress.ts';
import type { BatchResult } from './batch-result.ts';
import { openWindow, type BatchItems, type BatchProcessor, type BatchProcessOptions } from './pool.ts';

/** A batch at work. It is a `Store` of its progress, and an iterable of results as they come. */
export interface BatchRun<T> extends Store<BatchProgress>, AsyncIterable<BatchResult<T>> {
  /**
   * All results, by index. Rejects where the batch ends before its last item: with a `BatchAbortError` if it was
   * stopped, else with a `BatchError`; both have the `results` until then. Whoever reads it before the first loop has
   * all results kept: loops then begin at the first result, and leaving them stops nothing.
   *
   * A batch that is only looped over keeps nothing that a loop has read. It goes no further ahead of the loop than
   * `concurrency` results, leaving the loop stops it, two loops share the results, and `result` rejects with an
   * `LLMError` of code `config`.
   */
  readonly result: Promise<BatchResult<T>[]>;
  /** Stops at once. What is at work sees it by its signal. Does nothing after the end. */
  abort(reason?: unknown): void;
}

/** What a batch of requests adds. */
export interface BatchHooks {
  pausedUntilMs(): number | undefined;
  /** What the batch cannot go on after, if that has happened. */
  fatal(): Error | undefined;
  /** Is given a function to call when `pausedUntilMs` changes. */
  onStart(changed: () => void): void;
}

/**
 * Starts to work on `items` like `batchProcess`, and gives the results as they come.
 *
 * ```ts
 * const run = batchRun(files, (file, { signal }) => summarize(file, signal), { concurrency: 4 });
 * for await (const result of run) show(result);
 * ```
 * @throws {LLMError} with code `config`, naming the option that is wrong.
 */
export function batchRun<T, R>(
  items: BatchItems<T>,
  processor: BatchProcessor<T, R>,
  options?: BatchProcessOptions,
): BatchRun<R> {
  return createBatchRun(items, processor, options);
}

/** `batchRun`, with hooks. */
export function createBatchRun<T, R>(
  items: BatchItems<T>,
  processor: BatchProcessor<T, R>,
  options: BatchProcessOptions = {},
  hooks?: BatchHooks,
): BatchRun<R> {
  const { concurrency = 10 } = options;
  const rateOf = createRate();
  /** In the order in which they came. */
  const log: BatchResult<R>[] = [];
  /** Up to where the loops that keep nothing have read. */
  const shared = { at: 0 };
  const counts = { done: 0, failed: 0, unsent: 0, running: 0, total: totalOf(items), rate: rateOf(0) };
  const state: { mode?: 'kept' | 'looped'; isOver: boolean; failure?: Error | undefined } = { isOver: false };
  let waiting: (() => void)[] = [];
  let result: Promise<BatchResult<R>[]> | undefined;

  const store = createPacedStore<BatchProgress>(() => ({
    ...counts,
    waiting: counts.total === undefined ? undefined : counts.total - counts.done - counts.unsent - counts.running,
    pausedUntilMs: state.isOver ? undefined : hooks?.pausedUntilMs(),
  }));

  function results(): BatchResult<R>[] {
    const byIndex: BatchResult<R>[] = [];
    for (const ended of log.slice(shared.at)) byIndex[ended.index] = ended;
    return byIndex.filter(Boolean);
  }

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const go of woken) go();
  }

  function change(): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  async function* loop(): AsyncGenerator<BatchResult<R>, void> {
    state.mode ??= 'looped';
    const isKept = state.mode === 'kept';
    const place = isKept ? { at: 0 } : shared;
    try {
      for (;;) {
        for (let next = log[place.at]; next; next = log[place.at]) {
          place.at += 1;
          if (!isKept && place.at * 2 > log.length) {
            log.splice(0, place.at);
            place.at = 0;
          }
          yield next;
          if (!isKept) window.fill();
        }
        if (state.isOver) break;
        await change();
      }
      if (state.failure) throw state.failure;
    } finally {
      if (!isKept) window.abort();
    }
  }

  async function all(): Promise<BatchResult<R>[]> {
    if (state.mode === 'looped') {
      throw new LLMError('batch: result must be read before the first loop, which keeps no item', { code: 'config' });
    }
    state.mode = 'kept';
    while (!state.isOver) await change();
    if (state.failure) throw state.failure;
    return results();
  }

  hooks?.onStart(store.invalidate);
  const window = openWindow(items, processor, options, {
    hasRoom: () => state.mode !== 'looped' || log.length - shared.at < concurrency,
    begin() {
      counts.running += 1;
      // A list may grow while it is read.
      const begun = counts.done + counts.unsent + counts.running;
      if (counts.total !== undefined) counts.total = Math.max(counts.total, begun);
      store.invalidate();
    },
    push(ended) {
      log.push(ended);
      counts.running -= 1;
      if (ended.status === 'rejected' && ended.isUnsent) {
        counts.unsent += 1;
      } else {
        counts.done += 1;
        if (ended.status === 'rejected') counts.failed += 1;
      }
      counts.rate = rateOf(counts.done);
      wake();
      store.invalidate();
      return hooks?.fatal();
    },
    results,
    end(count, error) {
      if (!error) counts.total = count;
      counts.running = 0;
      state.failure = error;
      state.isOver = true;
      wake();
      store.flush();
    },
  });

  return {
    get result() {
      if (!result) {
        result = all();
        result.catch(() => undefined);
      }
      return result;
    },
    abort: window.abort,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    [Symbol.asyncIterator]: loop,
  };
}

/** The number of items, where it is known before they are read. */
function totalOf(items: BatchItems<unknown>): number | undefined {
  if (Array.isArray(items) || ArrayBuffer.isView(items))
    return ordinal((items as { readonly length?: unknown }).length);
  return items instanceof Set || items instanceof Map ? items.size : undefined;
}
