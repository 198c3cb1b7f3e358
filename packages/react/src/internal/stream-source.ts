import { runFrom, type Run, type RunSource } from '@rivulet/core';
import type { OpenedRun } from './run-slot.ts';

/** A `Run`, or any other stream of text or of events, or a promise of one. */
export type StreamSource = Run | RunSource | Promise<Run | RunSource>;

/** Makes a run of a source. A function that throws, or that gives nothing of use, makes a run that fails. */
export function openSource(source: StreamSource | ((signal: AbortSignal) => StreamSource)): OpenedRun {
  const controller = new AbortController();
  const { signal } = controller;
  const isMade = typeof source === 'function';
  let made: StreamSource;
  try {
    made = isMade ? source(signal) : source;
  } catch (error) {
    made = Promise.reject(error);
  }
  const run = isRun(made) ? made : runFrom(made, signal);
  return {
    run,
    isOwn: isMade || run !== made,
    abort() {
      controller.abort();
      run.abort();
      // A function may promise a run and not have given it the signal.
      if (isMade && made instanceof Promise)
        made.then(
          (late) => isRun(late) && late.abort(),
          () => undefined,
        );
    },
  };
}

function isRun(source: unknown): source is Run {
  return typeof source === 'object' && source !== null && 'getSnapshot' in source && 'result' in source;
}
