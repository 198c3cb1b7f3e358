import { isAbortSignal } from '../errors/check-options.ts';
import { addStart } from '../errors/error.ts';
import { onAbort } from '../utils/on-abort.ts';
import { createPageTurns } from '../utils/yield-to-main.ts';
import { isInstance } from '../errors/thrown.ts';
import { BatchAbortError, BatchError } from './batch-error.ts';
import { checkBatchOption } from './batch-option.ts';
import type { BatchResult } from './batch-result.ts';
import { NotSent } from './not-sent.ts';

export type BatchItems<T> = Iterable<T> | AsyncIterable<T>;

export interface BatchItemContext {
  /** Place of the item, from 0. */
  readonly index: number;
  /** Aborted when the batch is stopped while the item is at work. */
  readonly signal: AbortSignal;
}

export type BatchProcessor<T, R> = (item: T, context: BatchItemContext) => R | Promise<R>;

export interface BatchProcessOptions {
  /** How many items are at work at most: an integer from 1. Default 10. */
  readonly concurrency?: number | undefined;
  /** Stops the whole batch with the first item that fails. Default false: failures are results. */
  readonly stopOnError?: boolean | undefined;
  /** Stops the batch at once. What is at work sees it by its own signal. */
  readonly signal?: AbortSignal | undefined;
}

/** What a window reports to. */
export interface WindowSink<R> {
  /** Whether one more item may be read. */
  hasRoom?(): boolean;
  /** One more item is at work. */
  begin?(): void;
  /** Gives what the batch cannot go on after, if that has happened. */
  push(result: BatchResult<R>): unknown;
  /** What was pushed so far, by index: for the error that ends the batch. */
  results(): readonly BatchResult<R>[];
  /** All `count` items have ended, or none will any more because of `error`. */
  end(count: number, error?: Error): void;
}

export interface Window {
  /** Reads on, where there is room. */
  fill(): void;
  abort(reason?: unknown): void;
}

interface ActiveItem extends BatchItemContext {
  abort(reason: unknown): void;
}

/** Its signal is made when it is asked for: many processors take no notice of it. */
function createActiveItem(index: number): ActiveItem {
  let made: AbortController | undefined;
  const controller = (): AbortController => (made ??= new AbortController());
  return {
    index,
    get signal() {
      return controller().signal;
    },
    abort: (reason) => controller().abort(reason),
  };
}

/**
 * Works on some items at a time: the next one is read as soon as one ends, and not sooner.
 * @throws {LLMError} with code `config`, naming the option that is wrong.
 */
export function openWindow<T, R>(
  items: BatchItems<T>,
  processor: BatchProcessor<T, R>,
  { concurrency = 10, stopOnError = false, signal }: BatchProcessOptions,
  sink: WindowSink<R>,
): Window {
  const open = opener(items);
  checkBatchOption(typeof processor === 'function', 'processor', 'a function');
  checkBatchOption(Number.isInteger(concurrency) && concurrency > 0, 'concurrency', 'an integer from 1');
  checkBatchOption(typeof stopOnError === 'boolean', 'stopOnError', 'a boolean');
  checkBatchOption(!signal || isAbortSignal(signal), 'signal', 'an AbortSignal');

  const start = new Error();
  const atWork = new Set<ActiveItem>();
  let iterator: Iterator<T> | AsyncIterator<T> | undefined;
  const pageTurn = createPageTurns();
  let count = 0;
  let isReading = false;
  let isRead = false;
  let isOver = false;
  let stopListening: (() => void) | undefined;

  function hasRoom(): boolean {
    return !isOver && !isRead && atWork.size < concurrency && sink.hasRoom?.() !== false;
  }

  async function fill(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      while (hasRoom()) {
        iterator ??= open();
        const { done, value } = await iterator.next();
        if (isOver) return;
        if (done) {
          isRead = true;
          break;
        }
        void work(value, count);
        count += 1;
        const turn = pageTurn();
        if (turn) await turn;
      }
    } catch (error) {
      stop(error);
    }
    isReading = false;
    if (isRead && !atWork.size) end();
  }

  async function work(item: T, index: number): Promise<void> {
    const active = createActiveItem(index);
    atWork.add(active);
    sink.begin?.();
    let result: BatchResult<R>;
    try {
      result = { index, status: 'fulfilled', value: await processor(item, active) };
    } catch (error) {
      result = isInstance(error, NotSent)
        ? { index, status: 'rejected', error: error.error, isUnsent: true }
        : { index, status: 'rejected', error };
    }
    atWork.delete(active);
    if (isOver) return;
    const fatal = sink.push(result);
    if (fatal) stop(fatal);
    else if (stopOnError && 'error' in result) stop(result.error);
    else void fill();
  }

  function end(error?: Error): void {
    if (isOver) return;
    isOver = true;
    stopListening?.();
    if (error) {
      for (const item of atWork) item.abort(error);
      void close();
    }
    sink.end(count, error);
  }

  async function close(): Promise<void> {
    try {
      await iterator?.return?.();
    } catch {
      // An iterator that is at work, or fails to close, holds nobody up.
    }
  }

  function endWith(error: Error): void {
    addStart(error, start);
    end(error);
  }

  function stop(cause: unknown): void {
    endWith(new BatchError(sink.results(), cause));
  }

  function abort(reason?: unknown): void {
    endWith(new BatchAbortError(sink.results(), reason));
  }

  if (signal?.aborted) abort(signal.reason);
  else stopListening = signal && onAbort(signal, () => abort(signal.reason));
  void fill();
  return { fill: () => void fill(), abort };
}

/**
 * A function that opens the iterator of `items`.
 * @throws {LLMError} with code `config` if they are not iterable.
 */
function opener<T>(items: BatchItems<T>): () => Iterator<T> | AsyncIterator<T> {
  // Without types anything may come.
  const source: Partial<Iterable<T> & AsyncIterable<T>> | null | undefined = items;
  const isAsync = typeof source?.[Symbol.asyncIterator] === 'function';
  checkBatchOption(isAsync || typeof source?.[Symbol.iterator] === 'function', 'items', 'iterable');
  return () =>
    isAsync ? (items as AsyncIterable<T>)[Symbol.asyncIterator]() : (items as Iterable<T>)[Symbol.iterator]();
}
