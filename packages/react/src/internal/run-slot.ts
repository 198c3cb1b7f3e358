import { invokeSafely } from './invoke-safely.ts';
import type { Completion, LLMError, Run, RunSnapshot, Store } from '@rivulet/core';

/** As much of a run as a hook needs: a `Run` or an `ObjectRun`. */
export interface ShownRun<S extends RunSnapshot, C> extends Store<S> {
  readonly result: Promise<C>;
}

/** A run that is shown, and what ends it. */
export interface OpenedRun<R = Run> {
  readonly run: R;
  /** Whether it ends with the hook: a `Run` that was passed in belongs to somebody else. */
  readonly isOwn: boolean;
  abort(): void;
}

/** What a hook shows: one run after the other, as a single store. */
export interface RunSlot<S extends RunSnapshot = RunSnapshot, C = Completion, R = Run> extends Store<S> {
  /** The run that is shown. */
  current(): R | undefined;
  /**
   * Ends the run that is shown if it is an own one, and shows another. The callbacks hold for as long as no later run is
   * shown; a stopped run calls neither.
   */
  start(open: () => OpenedRun<R>, onFinish: (completion: C) => void, onError: (error: LLMError) => void): R;
  /** Ends the run that is shown if it is an own one, and shows why none could be started. */
  fail(error: LLMError): void;
  /** Ends the run, whoever made it. */
  stop(): void;
  /** Shows again what was shown before the first run. */
  reset(): void;
  /** Keeps the run going without components, until the function that is returned is called. */
  retain(): () => void;
  /** Shows another text, until more of the run comes. */
  setText(text: string): void;
}

/**
 * @param text is shown before the first run.
 * @param onRelease is called when the last component has left.
 */
export function createRunSlot(text?: string, onRelease?: () => void): RunSlot {
  return createSlot<RunSnapshot, Completion, Run>({}, text, onRelease);
}

/** @param own what snapshots have besides the fields of a run, before the first one. */
export function createSlot<S extends RunSnapshot, C, R extends ShownRun<S, C>>(
  own: Omit<S, keyof RunSnapshot>,
  text = '',
  onRelease?: () => void,
): RunSlot<S, C, R> {
  const listeners = new Set<() => void>();
  const idle = {
    id: '',
    status: 'ready',
    message: { id: '', role: 'assistant', parts: [] },
    // Without types anything may come, and it is rendered.
    text: typeof text === 'string' ? text : '',
    reasoning: '',
    finishReason: undefined,
    usage: undefined,
    error: undefined,
    retry: undefined,
    ...own,
  } as RunSnapshot as S;
  let shown: OpenedRun<R> | undefined;
  let failed: S | undefined;
  let unsubscribe: (() => void) | undefined;
  let replaced: S | undefined;
  let replacement = idle;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let holders = 0;

  function current(): S {
    const snapshot = shown ? shown.run.getSnapshot() : (failed ?? idle);
    return snapshot === replaced ? replacement : snapshot;
  }

  function notify(): void {
    for (const listener of [...listeners]) listener();
  }

  function follow(): void {
    if (listeners.size > 0) unsubscribe = shown?.run.subscribe(notify);
  }

  function abortOwn(): void {
    if (shown?.isOwn) shown.abort();
  }

  /** Waits a macrotask, because StrictMode, and a component that only moves, attach again at once. */
  function releaseIfUnused(): void {
    if (listeners.size > 0 || holders > 0) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      abortOwn();
      onRelease?.();
    });
  }

  function show<Next extends OpenedRun<R> | undefined>(open: () => Next): Next {
    unsubscribe?.();
    abortOwn();
    failed = undefined;
    const opened = open();
    shown = opened;
    replaced = undefined;
    follow();
    // It may be started before the first component is attached, or after the last has left.
    releaseIfUnused();
    notify();
    return opened;
  }

  return {
    current: () => shown?.run,
    getSnapshot: current,
    subscribe(listener) {
      clearTimeout(timer);
      listeners.add(listener);
      if (listeners.size === 1) follow();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        unsubscribe?.();
        releaseIfUnused();
      };
    },
    retain() {
      clearTimeout(timer);
      holders += 1;
      return () => {
        holders -= 1;
        releaseIfUnused();
      };
    },
    start(open, onFinish, onError) {
      const opened = show(open);
      const { run } = opened;
      void run.result.then(
        (completion) => shown === opened && invokeSafely(() => onFinish(completion)),
        () => {
          const { error } = run.getSnapshot();
          if (error && shown === opened) invokeSafely(() => onError(error));
        },
      );
      return run;
    },
    fail(error) {
      show(() => {
        failed = { ...idle, status: 'error', error };
        return undefined;
      });
    },
    stop() {
      shown?.abort();
    },
    reset() {
      show(() => undefined);
    },
    setText(next) {
      replaced = undefined;
      const snapshot = current();
      replaced = snapshot;
      replacement = { ...snapshot, text: typeof next === 'string' ? next : '' };
      notify();
    },
  };
}
