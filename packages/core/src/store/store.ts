/** State to subscribe to, in the shape that `useSyncExternalStore` takes. A snapshot is never changed afterwards. */
export interface Store<S> {
  getSnapshot(): S;
  /** Calls `listener` when there is a new snapshot, at most once a frame. Gives the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** The writing side of a `Store`. */
export interface PacedStore<S> extends Store<S> {
  /** Something changed: notify with the next frame. */
  invalidate(): void;
  /** Something changed that nobody should wait for: notify now. */
  flush(): void;
}

/** How long to wait where frames do not come: a hidden tab, a throttled iframe. */
const LATE_FRAME_MS = 250;
/** The length of a frame where there are none (Node, workers). */
const FRAME_MS = 16;

/** Calls `callback` once: with the next frame, or by a timer where none comes. Gives the function that cancels it. */
function nextFrame(callback: () => void): () => void {
  const frame = globalThis.requestAnimationFrame?.(run);
  const timer = setTimeout(run, frame === undefined || globalThis.document?.hidden ? FRAME_MS : LATE_FRAME_MS);
  function cancel(): void {
    if (frame) cancelAnimationFrame(frame);
    clearTimeout(timer);
  }
  function run(): void {
    cancel();
    callback();
  }
  return cancel;
}

/**
 * A store that folds its state when it is looked at and paces what it tells: while there are listeners, `getSnapshot`
 * gives what they were last told; without any, it gives the state of the moment.
 */
export function createPacedStore<S>(fold: () => S): PacedStore<S> {
  const listeners = new Set<() => void>();
  let snapshot: S;
  let isStale = true;
  let cancelFrame: (() => void) | undefined;

  function read(): S {
    if (isStale) {
      snapshot = fold();
      isStale = false;
    }
    return snapshot;
  }

  function notify(): void {
    cancelFrame?.();
    cancelFrame = undefined;
    if (!isStale || listeners.size === 0) return;
    read();
    for (const listener of [...listeners]) {
      // A listener that throws is its owner's bug, and reported as such: it stops neither the run nor the others.
      void (async () => listener())();
    }
  }

  return {
    getSnapshot: () => (listeners.size === 0 ? read() : snapshot),
    subscribe(listener) {
      if (listeners.size === 0) read();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    invalidate() {
      isStale = true;
      if (listeners.size > 0) cancelFrame ??= nextFrame(notify);
    },
    flush() {
      isStale = true;
      notify();
    },
  };
}
