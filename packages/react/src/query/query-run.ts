import type { Store } from '@rivulet/core';
import type { Query, QueryFunctionContext } from '@tanstack/react-query';

/** What a query waits for: a `Run`, or anything else that has snapshots, an end and a stop. */
export interface Attachable<S, R> extends Store<S> {
  readonly result: Promise<R>;
  abort(reason?: unknown): void;
}

/** The runs of one query, one after the other, as a single store: what is under way never enters the cache. */
export interface QueryRun<S> extends Store<S | undefined> {
  /** Goes on with the run that nobody waits for any more, or else opens one. It stops with the signal. */
  attach<R>(signal: AbortSignal, open: () => Attachable<S, R>): Promise<R>;
}

// Any of a client's queries, whatever it is of; each client has its own.
type AnyQuery = Pick<Query, 'queryKey' | 'getObserversCount'>;

const queryRuns = new WeakMap<AnyQuery, QueryRun<unknown>>();

export function queryRunOf<S>(query: AnyQuery): QueryRun<S> {
  const queryRun = queryRuns.get(query) ?? createQueryRun(query);
  queryRuns.set(query, queryRun);
  return queryRun as QueryRun<S>;
}

/** For a query function. */
export function attach<S, R>(context: QueryFunctionContext, open: () => Attachable<S, R>): Promise<R> {
  const { client, queryKey } = context;
  // By the array that the query holds and hands on: that finds it whatever hashes its key.
  const query = client
    .getQueryCache()
    .getAll()
    .find((each) => each.queryKey === queryKey);
  return (query ? queryRunOf<S>(query) : createQueryRun<S>()).attach(context.signal, open);
}

function createQueryRun<S>(query?: AnyQuery): QueryRun<S> {
  const listeners = new Set<() => void>();
  let shown: Attachable<S, unknown> | undefined;
  let unsubscribe: (() => void) | undefined;
  let release: ReturnType<typeof setTimeout> | undefined;

  function notify(): void {
    for (const listener of [...listeners]) listener();
  }

  function follow(): void {
    if (listeners.size > 0) unsubscribe = shown?.subscribe(notify);
  }

  function show(run: typeof shown): void {
    unsubscribe?.();
    shown = run;
    follow();
    // A suspended component asks while it renders, when no other may be told to.
    queueMicrotask(notify);
  }

  return {
    getSnapshot: () => shown?.getSnapshot(),
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) follow();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) unsubscribe?.();
      };
    },
    attach<R>(signal: AbortSignal, open: () => Attachable<S, R>): Promise<R> {
      const left = release === undefined ? undefined : (shown as Attachable<S, R> | undefined);
      const run = left ?? open();
      clearTimeout(release);
      release = undefined;
      if (run !== left) show(run);

      signal.addEventListener('abort', () => {
        // Somebody is there, and wants it stopped or made anew; or another one is shown by now.
        if (shown !== run || query?.getObserversCount()) return run.abort();
        // Waits a macrotask, because StrictMode, and a component that only moves, attach again at once.
        clearTimeout(release);
        release = setTimeout(() => {
          release = undefined;
          run.abort();
          show(undefined);
        });
      });
      return run.result;
    },
  };
}
