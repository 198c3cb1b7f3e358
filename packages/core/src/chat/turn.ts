import { toFailure, type LLMError } from '../error.ts';
import { abortable } from '../run/abortable.ts';
import type { ChatRequestOptions } from './chat-input.ts';
import { providerOf, type ChatState, type Turn } from './chat-state.ts';
import { requestStep, type StepPurpose } from './request-step.ts';
import { startNext } from './send-queue.ts';
import { tell } from './tell.ts';
import { carryOut, isWaiting, openCallsIn } from './tool-calls.ts';

/** What a turn is for, besides the answer to a message. */
export interface TurnPurpose extends StepPurpose {
  /** Another answer than those that are there. */
  readonly isAnother?: boolean | undefined;
  /** A call was answered from outside. */
  readonly isAnswered?: boolean | undefined;
  /** Removes the message to answer. Called if the server rejects it with its files and no answer has begun. */
  readonly takeBack?: (() => void) | undefined;
}

/** Asks, carries out tools, and asks again. Gives whether the answer is whole; else it waits for a person. */
async function takeSteps(
  state: ChatState,
  turn: Turn,
  call: ChatRequestOptions | undefined,
  purpose: TurnPurpose,
): Promise<boolean> {
  const { signal, running } = turn;
  const { tree, options, set } = state;
  const { maxSteps = 5 } = options();
  for (let step = 0; ; step += 1, purpose = {}) {
    // A listener may have stopped it just now.
    signal.throwIfAborted();
    const { goesOn, resume, isAnswered } = purpose;
    const message = tree.get(turn.last);
    let isOwed = goesOn || resume || isAnswered;
    if (message?.role !== 'assistant') isOwed = true;
    else if (!resume) {
      const { id, finishReason, openFrom } = message;
      const isPaused = finishReason === 'pause';
      if (openFrom === undefined && (isPaused || goesOn || finishReason === 'tool-calls')) {
        const open = openCallsIn(state, id);
        for (const part of open) carryOut(state, id, part, turn);
        if (running.size > 0) set({ status: 'streaming' });
        while (running.size > 0) await Promise.all(running.values());
        signal.throwIfAborted();
        if (isWaiting(state, id)) return false;
        isOwed ||= open.length > 0 || (isPaused && !providerOf(state).supports.wholeAnswers);
      }
    }
    if (!isOwed || step >= maxSteps) return true;
    turn.asked = requestStep(state, turn, call, purpose);
    turn.last = await turn.asked;
  }
}

/** What servers call a file in an error. */
const FILE_WORDS =
  /\b(?:images?|audio|video|vision|documents?|attachments?|multi-?modal|mime[ _]?types?|media[ _]?types?|file (?:types?|formats?|uploads?|inputs?))\b/i;

/**
 * Whether a request with a file would fail again: in the history, the file would make every later request fail too. Some
 * servers answer 404 (`No endpoints found that support image input`) or 500 (`image: unknown format`).
 */
function rejectsFile({ code, message }: LLMError): boolean {
  if (code === 'invalid_request' || code === 'context_length') return true;
  return (code === 'not_found' || code === 'server') && FILE_WORDS.test(message);
}

/**
 * One turn, from the message `leaf` on; what is under way ends. Gives false where there was nothing to resume.
 * @param begin is done first, as part of the turn.
 */
export async function advance(
  state: ChatState,
  leaf: string | undefined,
  call?: ChatRequestOptions,
  purpose: TurnPurpose = {},
  begin?: () => Promise<void>,
): Promise<boolean> {
  state.turn?.stop();
  const { tree, options, set } = state;
  const { isAnother, resume } = purpose;
  const shownBefore = tree.head();
  const controller = new AbortController();
  const { signal } = controller;
  const turn: Turn = {
    signal,
    running: new Map(),
    last: leaf,
    stop() {
      state.turn = undefined;
      controller.abort();
      settle();
    },
  };
  let isWhole = false;
  let isFound = true;
  let error: LLMError | undefined;

  function settle(): void {
    state.turn = undefined;
    // Nothing came in place of the answer before.
    if (isAnother && tree.head() === leaf) tree.show(shownBefore, true);
    set({ status: error ? 'error' : 'ready', error, retry: undefined });
  }

  if (isAnother) tree.show(leaf, true);
  state.turn = turn;
  set({ status: resume ? 'ready' : 'submitted', error });
  try {
    if (begin) await abortable(begin(), signal);
    isWhole = await takeSteps(state, turn, call, purpose);
  } catch (failure) {
    const { code, partial } = failure as LLMError;
    // An answer of nothing, status 204: there is none on its way.
    if (resume && code === 'truncated' && !partial?.message.parts[0]) isFound = false;
    else error = toFailure(failure);
    if (error && rejectsFile(error) && turn.last === leaf && !partial?.message.parts[0]) purpose.takeBack?.();
  }
  if (state.turn === turn) {
    const { onError, onFinish } = options();
    settle();
    if (error) tell(() => onError?.(error));
    const message = tree.get(turn.last);
    if (isWhole && message) {
      tell(() => onFinish?.({ message, messages: tree.shown() }));
      startNext(state);
    }
  }
  return isFound;
}
