'use client';

import type { Completion, LLMClient, LLMError, Run, RunSnapshot } from '@rivulet/core';
import { useCallback, useState } from 'react';
import { createRunSlot } from '../internal/run-slot.ts';
import { openSource, type StreamSource } from '../internal/stream-source.ts';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest } from '../internal/use-latest.ts';
import { useStore } from '../internal/use-store.ts';

export interface UseStreamOptions {
  /** Taken, as by every hook. What streams is the source's business, so nothing is asked of it. */
  readonly client?: LLMClient | undefined;
  /**
   * Whether the run goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /** Called once when the end of the answer was witnessed. Not after `stop`, `reset`, a later `start` or the unmount. */
  readonly onFinish?: ((completion: Completion) => void) | undefined;
  /** Called once when the run fails. Not after `stop`, `reset`, a later `start` or the unmount. */
  readonly onError?: ((error: LLMError) => void) | undefined;
}

/**
 * The fields of the run's snapshot, and what starts and ends it. Before the first run `status` is `ready`, the texts
 * are empty and `id` is ''.
 */
export interface UseStreamResult extends RunSnapshot {
  /**
   * Shows a stream, and aborts the one before if it was the hook's own. Throws nothing: a source that fails is the
   * run's `error`.
   *
   * A `Run` that is passed in belongs to the caller: it goes on after the unmount. Everything else ends with the hook,
   * whatever a function makes included; its signal aborts then. Text is complete when the stream ends, events are
   * complete with their `finish`, and a `Response` is read as plain text.
   */
  readonly start: (source: StreamSource | ((signal: AbortSignal) => StreamSource)) => Run;
  /** Ends the run that is shown, whoever made it. The text stays, `status` is `ready`, `finishReason` is `aborted`. */
  readonly stop: () => void;
  /** Back to the state before the first run; aborts the run if it is the hook's own. */
  readonly reset: () => void;
}

/**
 * Shows any stream of text or events while it comes: a `Run`, an async iterable, a `ReadableStream`, a `Response`, a
 * promise of one, or a function that makes one. Renders at most once a frame. The functions keep their identity.
 *
 * The hook aborts what is its own one macrotask after the unmount, unless it is attached again by then (StrictMode).
 */
export function useStream(options: UseStreamOptions = {}): UseStreamResult {
  const [slot] = useState(() => createRunSlot());
  const latest = useLatest(options);
  useKeepAlive(slot, options.keepAlive);
  const start = useCallback<UseStreamResult['start']>(
    (source) =>
      slot.start(
        () => openSource(source),
        (completion) => latest.current?.onFinish?.(completion),
        (error) => latest.current?.onError?.(error),
      ),
    [slot, latest],
  );
  return { ...useStore(slot), start, stop: slot.stop, reset: slot.reset };
}
