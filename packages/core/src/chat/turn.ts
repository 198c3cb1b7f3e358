import { type LLMError, toFailure } from '../errors/error.ts';
import { abortable } from '../utils/abortable.ts';
import type { ChatRequestOptions } from './chat-input.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatOptions } from './chat-options.ts';
import { providerOf, type ChatState, type Turn } from './state.ts';
import { requestStep, type StepPurpose } from './request-step.ts';
import { startNext } from './send-queue.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
import { applyChanges, carryOut, isWaiting, openCallsIn, writeChanges } from './tool-calls.ts';

/** What a turn is for, besides the answer to a message. */
export interface TurnPurpose extends StepPurpose {
  /** Another answer than those that are there. */
  readonly isAnother?: boolean | undefined;
  /** A call was answered from outside. */
  readonly isAnswered?: boolean | undefined;
  /** Removes the message to answer. Called if the request was invalid or too long and no answer has begun. */
  readonly takeBack?: (() => void) | undefined;
}

/** Carries out the open calls of the last answer, and waits for them. Returns whether there were any. */
async function runTools(state: ChatState, turn: Turn, answerId: string): Promise<boolean> {
  const { running, signal } = turn;
  writeChanges(state);
  const open = openCallsIn(state, answerId);
  if (open.length > 0) {
    const messages = state.tree.pathTo(answerId);
    for (const part of open) carryOut(state, answerId, part, turn, messages);
  }
  if (running.size > 0) state.set({ status: 'streaming' });
  while (running.size > 0) await Promise.all(running.values());
  applyChanges(state);
  signal.throwIfAborted();
  return open.length > 0;
}

/** Whether the last step of an answer ended well, and its tools may be carried out. */
function hasCompleteCalls(
  { openFrom, finishReason }: ChatMessage,
  { goesOn, isAnswered, resume }: TurnPurpose,
): boolean {
  if (resume || openFrom !== undefined) return false;
  return finishReason === 'tool-calls' || finishReason === 'pause' || !!goesOn || !!isAnswered;
}

/** Asks, carries out tools, and asks again. Resolves to whether the answer is complete; if not, it waits for a person. */
async function takeSteps(
  state: ChatState,
  turn: Turn,
  call: ChatRequestOptions | undefined,
  purpose: TurnPurpose,
): Promise<boolean> {
  const { maxSteps = 5 } = state.options();
  for (let step = 0; ; step += 1, purpose = {}) {
    // A listener may have stopped it just now.
    turn.signal.throwIfAborted();
    const message = state.tree.get(turn.last);
    const { goesOn, resume, isAnswered } = purpose;
    let isOwed = goesOn || resume || isAnswered || message?.role !== 'assistant';
    if (message?.role === 'assistant' && hasCompleteCalls(message, purpose)) {
      const hadCalls = await runTools(state, turn, message.id);
      if (isWaiting(state, message.id)) return false;
      isOwed ||= hadCalls || (message.finishReason === 'pause' && !providerOf(state).supports.wholeAnswers);
    }
    if (!isOwed || step >= maxSteps) return true;
    turn.asked = requestStep(state, turn, call, purpose);
    turn.last = await turn.asked;
  }
}

/** Whether a turn whose steps have ended has more to do, because its last call has been answered since. */
function hasMore(state: ChatState, { running, last }: Turn): boolean {
  return last !== undefined && (running.size > 0 || !isWaiting(state, last));
}

/** The callbacks of the moment; none if the function that the app passed for its options throws. */
function callbacksOf({ options }: ChatState): Pick<ChatOptions, 'onError' | 'onFinish'> {
  try {
    return options();
  } catch {
    return {};
  }
}

/**
 * One turn, from the message `leaf` on. A turn that is under way ends. Resolves to `false` if there was nothing to resume.
 * Never rejects: what fails is the `error` of the chat.
 * @param begin is done first, as part of the turn.
 */
export async function advance(
  state: ChatState,
  leaf: string | undefined,
  call?: ChatRequestOptions,
  purpose: TurnPurpose = {},
  begin?: (turn: Turn) => Promise<void>,
): Promise<boolean> {
  const { tree, batch, set } = state;
  const { isAnother, resume } = purpose;
  const controller = new AbortController();
  const { signal } = controller;
  /** Whether the branch that is shown ends with `leaf` until an answer comes. */
  const endsWithLeaf = isAnother || tree.head() === leaf;
  let shownBefore: string | undefined;
  let isFound = true;
  let isComplete = false;
  let error: LLMError | undefined;

  const turn: Turn = {
    signal,
    running: new Map(),
    last: leaf,
    stop() {
      end(undefined);
    },
    fail(thrown) {
      end(toFailure(thrown));
    },
    giveWay() {
      writeChanges(state);
      controller.abort();
      close('aborted');
    },
  };

  /** Ends the turn before its steps have ended. */
  function end(failure: LLMError | undefined): void {
    if (state.turn !== turn) return;
    batch(() => {
      turn.giveWay();
      state.turn = undefined;
      set({ status: failure ? 'error' : 'ready', error: failure, retry: undefined });
    });
    if (failure) invokeSafely(() => callbacksOf(state).onError?.(failure));
  }

  /** @param reason why a step with calls did not go on. */
  function close(reason: 'aborted' | 'interrupted'): void {
    // Nothing came in place of the answer before.
    if (endsWithLeaf && tree.head() === leaf) tree.show(shownBefore, true);
    const answer = tree.get(turn.last);
    if (answer?.finishReason === 'tool-calls' && answer.openFrom === undefined) {
      tree.put({ ...answer, finishReason: reason });
    }
  }

  batch(() => {
    // It may show the answer again that it was to replace.
    state.turn?.giveWay();
    state.turn = turn;
    state.waitsForResult = false;
    shownBefore = tree.head();
    if (endsWithLeaf) tree.show(leaf, true);
    set({ status: resume ? 'ready' : 'submitted', error, retry: undefined });
  });
  try {
    // A listener may have stopped it just now.
    signal.throwIfAborted();
    if (begin) await abortable(begin(turn), signal);
    isComplete = await takeSteps(state, turn, call, purpose);
    // From the last check to the end of the turn nothing is awaited, so no answer to a call gets lost.
    while (!isComplete && hasMore(state, turn)) {
      isComplete = await takeSteps(state, turn, call, { isAnswered: true });
    }
  } catch (thrown) {
    const failure = toFailure(thrown);
    const { code, partial } = failure;
    // Code of the application may throw an error whose `partial` is anything.
    const hasContent = partial?.message?.parts?.[0] !== undefined;
    // An empty body (status 204) or status 404: no answer is being written.
    if (resume && !hasContent && (code === 'truncated' || code === 'not_found')) isFound = false;
    else error = failure;
    // In the history, a file that the provider rejects, or that is too long, would make every later request fail too.
    const isRejected = error?.code === 'invalid_request' || error?.code === 'context_length';
    if (isRejected && turn.last === leaf && !hasContent) purpose.takeBack?.();
  }
  if (state.turn !== turn) return isFound;

  writeChanges(state);
  if (error) close('interrupted');
  state.turn = undefined;
  const { onError, onFinish } = callbacksOf(state);
  set({ status: error ? 'error' : 'ready', error, retry: undefined });
  if (error) invokeSafely(() => onError?.(error));
  const message = tree.get(turn.last);
  // With `maxSteps: 0` nothing was asked.
  if (isComplete && message && turn.asked) invokeSafely(() => onFinish?.({ message, messages: tree.shown() }));
  if (error) return isFound;
  state.waitsForResult = !isComplete && isFound && tree.head() === turn.last;
  if (!state.waitsForResult) startNext(state);
  return isFound;
}

/** Another branch is shown: a queue that waited for a result in the branch before goes on, unless this one has open calls too. */
export function startBranch(state: ChatState): void {
  const head = state.tree.head();
  if (!state.waitsForResult || state.turn || (head !== undefined && isWaiting(state, head))) return;
  state.waitsForResult = false;
  startNext(state);
}
