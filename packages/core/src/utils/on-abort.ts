interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const listeningTo = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `callback` when `signal` aborts. One listener of the signal serves all callbacks: one stop may end any number of runs
 * and tools, and Node.js warns of a leak above ten listeners.
 * @returns a function that removes the callback, and with the last one the listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = listeningTo.get(signal) ?? listenTo(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    // A later listener has callbacks of its own.
    if (listeningTo.get(signal)?.callbacks === callbacks) listeningTo.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const listening = { callbacks, listener };
  listeningTo.set(signal, listening);
  signal.addEventListener('abort', listener);
  return listening;
}
