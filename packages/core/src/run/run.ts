import type { Completion, FinishReason, PartialCompletion, Usage } from '../types/completion.ts';
import { AbortError, addStart, toFailure, truncatedError, type LLMError } from '../errors/error.ts';
import { isContent, type StreamEvent } from '../types/event.ts';
import { newId } from '../utils/id.ts';
import { textOf, type Message } from '../types/message.ts';
import type { Ending } from '../providers/provider.ts';
import type { RetryInfo } from '../types/request.ts';
import { createPacedStore, type Store } from '../store/store.ts';
import { createFold } from './fold.ts';
import { createKeptSize } from './kept-size.ts';
import { createReaders } from '../store/broadcast.ts';
import { createTask } from './task.ts';
import { createWholeCharacters } from './whole-characters.ts';

/** `submitted` until the first content, `streaming` until the end; then `ready`, or `error`. */
export type RunStatus = 'ready' | 'submitted' | 'streaming' | 'error';

export interface RunSnapshot {
  readonly id: string;
  readonly status: RunStatus;
  /** The answer so far. Parts that did not change keep their identity. */
  readonly message: Message;
  readonly text: string;
  readonly reasoning: string;
  /** Set once the run has ended without an error. */
  readonly finishReason?: FinishReason | 'aborted' | undefined;
  readonly usage?: Usage | undefined;
  readonly error?: LLMError | undefined;
  /** Set while the run waits to try again: which attempt failed, and until when (epoch, ms). */
  readonly retry?: { readonly attempt: number; readonly untilMs: number } | undefined;
}

/** One answer being generated. It runs whether anybody looks or not; looking late misses nothing. */
export interface Run extends Store<RunSnapshot>, AsyncIterable<StreamEvent> {
  readonly id: string;
  /** The text as it comes. Throws what `result` rejects with. Leaving the loop stops nothing. */
  readonly textStream: AsyncIterable<string>;
  /** Resolves when the end of the answer was witnessed. Rejects with an `LLMError`, or an `AbortError`. */
  readonly result: Promise<Completion>;
  /** Stops the run at once. What came stays readable. Does nothing after the end. */
  abort(reason?: unknown): void;
}

/** What carries out a run reports to. */
export interface RunControl {
  readonly id: string;
  /** Aborted when the run is stopped or fails, with its error as the reason. A run that ends well aborts nothing. */
  readonly signal: AbortSignal;
  /** Aborted when the run is over, for whatever reason: to release what the run uses. Not a signal for `fetch`. */
  readonly over: AbortSignal;
  emit(events: readonly StreamEvent[]): void;
  /**
   * The server sent a finish reason, but not the end mark. When the run ends, `finish` is called to emit the last events.
   * The run ends 2 s after a `certain` end and 30 s after a `likely` one, unless this is called again before. A `possible`
   * end is left to the server and the deadlines.
   */
  setEnding(finish: () => void, ending: Ending): void;
  /** The token counts of an attempt that failed before any content: those of the run if it fails with this attempt. */
  setUsage(event: StreamEvent | undefined): void;
  /** An attempt begins. @param attempt counted from 1. */
  onAttempt(attempt: number): void;
  /** An attempt failed, and the run waits for the next one. */
  onRetry(info: RetryInfo): void;
  /** Ends the run with an error without waiting for the rest. */
  fail(error: unknown): void;
  /** Ends the run as stopped: its source is a run that was stopped. */
  stop(reason: unknown): void;
}

/** How long counts and an end mark may take after the finish reason. */
const GRACE_MS = 2000;

/** How long the answer may pause after a finish reason that came together with content. */
const LIKELY_GRACE_MS = 30_000;

/**
 * Starts a run.
 * @param execute emits the events; the run ends when it resolves, and has then to have emitted `finish`.
 * @param signal stops the run, like `abort`.
 * @param provider whom the errors name.
 */
export function createRun(
  execute: (control: RunControl) => Promise<void>,
  signal?: AbortSignal,
  provider?: string,
): Run {
  const id = newId();
  const fold = createFold(newId());
  const readers = createReaders(replay);
  const keptSize = createKeptSize();
  const characters = createWholeCharacters();
  const task = createTask<Completion>();
  const start = new Error();
  let isOver = false;
  let status: RunStatus = 'submitted';
  let finishReason: RunSnapshot['finishReason'];
  let failure: LLMError | undefined;
  let retry: RunSnapshot['retry'];
  let heldFinish: StreamEvent | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let finishAnswer: (() => void) | undefined;
  let failedUsage: StreamEvent | undefined;

  const store = createPacedStore<RunSnapshot>(() => ({
    ...received(),
    id,
    status,
    finishReason,
    error: failure,
    retry,
  }));

  function replay(): StreamEvent[] {
    const events = fold.replay();
    if (isOver && heldFinish) events.push(heldFinish);
    return events;
  }

  function received(): PartialCompletion {
    const message = fold.message();
    const { parts } = message;
    return {
      ...fold.state,
      message,
      text: textOf(parts, 'text'),
      reasoning: textOf(parts, 'reasoning'),
      toolCalls: parts.filter((part) => part.type === 'tool-call'),
      sources: parts.filter((part) => part.type === 'source'),
    };
  }

  function emit(events: readonly StreamEvent[]): void {
    add(characters.join(events));
  }

  function add(events: readonly StreamEvent[]): void {
    const wasWaiting = status === 'submitted';
    for (const event of events) {
      if (isOver) return;
      const size = keptSize.add(event);
      fold.apply(event);
      if (status === 'submitted' && isContent(event)) status = 'streaming';
      if (event.type === 'finish') {
        heldFinish ??= event;
        // Token counts may follow, and `[DONE]`.
        finishAnswer = undefined;
        grace ??= setTimeout(succeed, GRACE_MS);
      } else {
        readers.push(event, size);
      }
    }
    if (wasWaiting && status === 'streaming') store.flush();
    else if (events.length > 0) store.invalidate();
  }

  function setEnding(finish: () => void, ending: Ending): void {
    if (isOver) return;
    finishAnswer = finish;
    clearTimeout(grace);
    grace = undefined;
    if (ending === 'possible') return;
    grace = setTimeout(succeed, ending === 'certain' ? GRACE_MS : LIKELY_GRACE_MS);
  }

  /** Emits the last events of an answer whose finish reason was seen. */
  function emitRest(): void {
    const finish = finishAnswer;
    finishAnswer = undefined;
    finish?.();
  }

  /** Ends the run: with an error, or with what has been received. */
  function settle(next: RunStatus, error?: LLMError | AbortError): void {
    try {
      add(characters.rest());
    } catch {
      // How the run ended counts.
    }
    isOver = true;
    status = next;
    retry = undefined;
    clearTimeout(grace);
    readers.end(error);
    if (error) {
      error.partial = received();
      addStart(error, start);
      task.fail(error);
    } else {
      task.succeed(received() as Completion);
    }
    store.flush();
  }

  /** @param lost why the answer may lack its last events. */
  function succeed(lost?: LLMError): void {
    if (isOver) return;
    try {
      emitRest();
    } catch (error) {
      return fail(error);
    }
    if (!heldFinish) return fail(lost ?? truncatedError());
    finishReason = fold.state.finishReason;
    readers.push(heldFinish, 0);
    settle('ready');
  }

  function fail(thrown: unknown): void {
    if (isOver) return;
    // Another listener of the signal may have caused this failure before the run was stopped.
    if (signal?.aborted) return abort(signal.reason);
    failure = toFailure(thrown);
    // After the finish reason only the server can say that something is wrong: a connection that breaks is no loss.
    if ((heldFinish || finishAnswer) && !failure.status) {
      const lost = failure;
      failure = undefined;
      return succeed(lost);
    }
    failure.provider ??= provider;
    try {
      if (failedUsage) emit([failedUsage]);
    } catch {
      // The failure itself counts.
    }
    settle('error', failure);
  }

  function setUsage(event: StreamEvent | undefined): void {
    failedUsage = event;
  }

  function abort(reason?: unknown): void {
    if (isOver) return;
    try {
      emitRest();
    } catch {
      // A failure of an answer that nobody waits for.
    }
    finishReason = 'aborted';
    settle('ready', new AbortError(reason));
  }

  function onAttempt(): void {
    // The first attempt begins without a wait: nothing has changed.
    if (!retry) return;
    retry = undefined;
    store.flush();
  }

  function onRetry({ attempt, delayMs }: RetryInfo): void {
    if (isOver) return;
    retry = { attempt, untilMs: Date.now() + delayMs };
    store.flush();
  }

  const control: RunControl = {
    id,
    signal: task.signal,
    over: task.over,
    emit,
    setEnding,
    setUsage,
    onAttempt,
    onRetry,
    fail,
    stop: abort,
  };
  task.begin({ signal, work: () => execute(control), onDone: succeed, onError: fail, onStop: abort });

  return {
    id,
    result: task.result,
    abort,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    textStream: readers.iterable((event) => (event.type === 'text' && event.delta) || undefined),
    [Symbol.asyncIterator]: () => readers.iterable((event) => event)[Symbol.asyncIterator](),
  };
}
