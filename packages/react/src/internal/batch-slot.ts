import {
  LLMError,
  toError,
  type BatchProgress,
  type BatchResult,
  type BatchRun,
  type Completion,
  type GenerateRequest,
  type RunStatus,
  type Store,
} from '@rivulet/core';

type Request = string | GenerateRequest;

export interface BatchSnapshot {
  /** By index; `undefined` where none has come yet. Results that did not change keep their identity. */
  readonly results: readonly (BatchResult<Completion> | undefined)[];
  /** Of the whole list, also while some of it is asked for again. */
  readonly progress: BatchProgress;
  /** `submitted` until the first result, `streaming` until the last; otherwise `ready`, or `error`. */
  readonly status: RunStatus;
  /** Why the last batch ended before its last item. A request that fails is a result. */
  readonly error?: Error | undefined;
}

/** How to make a batch, and whom to tell of its end: not after it was stopped. */
export interface BatchOpener {
  open(requests: readonly Request[]): BatchRun<Completion>;
  onFinish(results: readonly BatchResult<Completion>[]): void;
  onError(error: Error): void;
}

/** What the hook shows: one batch after the other, as a single store. */
export interface BatchSlot extends Store<BatchSnapshot> {
  /** Stops the batch before. Resolves to all results, or to `null` if it was stopped or failed. */
  run(requests: readonly Request[], opener: BatchOpener): Promise<readonly BatchResult<Completion>[] | null>;
  /** Does nothing while a batch is under way, or where nothing has failed. */
  retryFailed(opener: BatchOpener): Promise<readonly BatchResult<Completion>[] | null>;
  stop(): void;
  /** Keeps the batch going without components, until the function that is returned is called. */
  retain(): () => void;
  /** Shows again what was shown before the first batch. */
  reset(): void;
}

export function createBatchSlot(): BatchSlot {
  const listeners = new Set<() => void>();
  /** Failed, and being asked for again: shown until the new result comes, but not counted. */
  const retried = new Set<number>();
  let requests: readonly Request[] = [];
  let results: (BatchResult<Completion> | undefined)[] = [];
  let shown: BatchRun<Completion> | undefined;
  let status: RunStatus = 'ready';
  let error: Error | undefined;
  let snapshot = fold();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let holders = 0;

  function fold(): BatchSnapshot {
    const settled = results.filter((result, index) => result && !retried.has(index));
    const rejected = settled.filter((result) => result?.status === 'rejected');
    const unsent = rejected.filter((result) => result?.status === 'rejected' && result.isUnsent).length;
    const { rate = 0, running = 0, pausedUntilMs } = shown?.getSnapshot() ?? {};
    const progress: BatchProgress = {
      done: settled.length - unsent,
      failed: rejected.length - unsent,
      unsent,
      running,
      waiting: results.length - settled.length - running,
      total: results.length,
      rate,
      pausedUntilMs,
    };
    return { results: [...results], progress, status, error };
  }

  function update(): void {
    snapshot = fold();
    for (const listener of [...listeners]) listener();
  }

  function isBusy(): boolean {
    return status === 'submitted' || status === 'streaming';
  }

  /** Ends what is under way, and says nothing of it. */
  function end(next: RunStatus, cause?: Error): void {
    status = next;
    error = cause;
    retried.clear();
    shown?.abort();
  }

  function stop(): void {
    if (!isBusy()) return;
    end('ready');
    update();
  }

  /** Waits a macrotask, because StrictMode, and a component that only moves, attach again at once. */
  function release(): void {
    clearTimeout(timer);
    if (listeners.size === 0 && holders === 0) timer = setTimeout(stop);
  }

  function fail(cause: unknown, { onError }: BatchOpener): null {
    const failure = toError(cause);
    end('error', failure);
    update();
    tell(() => onError(failure));
    return null;
  }

  /** Asks for what has to be asked again or, where there is nothing, for all. */
  async function ask(opener: BatchOpener): Promise<readonly BatchResult<Completion>[] | null> {
    const indexes = [...(retried.size > 0 ? retried : requests.keys())];
    const asked = retried.size > 0 ? requests.filter((_, index) => retried.has(index)) : requests;
    let opened: BatchRun<Completion>;
    try {
      opened = opener.open(asked);
    } catch (cause) {
      return fail(cause, opener);
    }
    let collected = 0;
    const isShown = (): boolean => shown === opened && isBusy();
    shown = opened;
    status = 'submitted';
    error = undefined;
    // A batch whose result was asked for keeps all, and does not wait for the loop.
    void opened.result;
    opened.subscribe(() => {
      // The last results may be told of before the loop has them: its end tells them.
      const { done, unsent } = opened.getSnapshot();
      if (isShown() && done + unsent === collected) update();
    });
    // It may be started before the component is attached, or after it has left.
    release();
    update();
    try {
      for await (const result of opened) {
        if (!isShown()) return null;
        const index = indexes[result.index] ?? result.index;
        results[index] = { ...result, index };
        retried.delete(index);
        collected += 1;
        status = 'streaming';
      }
    } catch (cause) {
      return isShown() ? fail(cause, opener) : null;
    }
    if (!isShown()) return null;
    end('ready');
    update();
    const all = results.filter((result) => result !== undefined);
    tell(() => opener.onFinish(all));
    return all;
  }

  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      clearTimeout(timer);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        release();
      };
    },
    retain() {
      clearTimeout(timer);
      holders += 1;
      return () => {
        holders -= 1;
        release();
      };
    },
    async run(next, opener) {
      end('ready');
      shown = undefined;
      requests = [];
      results = [];
      if (!isList(next)) {
        return fail(new LLMError('useBatch: run takes a list of requests', { code: 'config' }), opener);
      }
      requests = [...next];
      results = requests.map(() => undefined);
      return ask(opener);
    },
    async retryFailed(opener) {
      if (isBusy()) return null;
      for (const [index, result] of results.entries()) if (result?.status === 'rejected') retried.add(index);
      return retried.size > 0 ? ask(opener) : null;
    },
    stop,
    reset() {
      end('ready');
      shown = undefined;
      requests = [];
      results = [];
      update();
    },
  };
}

/** Without types anything may come. Each character of a text would be a request. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set;
}

/** A callback that throws is its owner's bug, and reported as such. */
function tell(callback: () => void): void {
  void (async () => callback())();
}
