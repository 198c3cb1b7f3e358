import type { Part, ToolCallPart } from '../message.ts';
import { amend, providerOf, toolNamed, type ChatState, type Turn } from './chat-state.ts';
import { openCallsOf } from './open-calls.ts';
import type { CallResult } from './tool.ts';

/** What has been begun may be done already: a person who allowed it is asked once more. */
const begun = new WeakSet<Part>();

/** The calls of an answer that have no result. */
export function openCallsIn({ tree }: ChatState, messageId: string): readonly ToolCallPart[] {
  return openCallsOf(tree.get(messageId)?.parts ?? []);
}

/** Whether a person, or the page, has still to say something to an answer. */
export function isWaiting(state: ChatState, messageId: string): boolean {
  // A backend carries out its own tools once that was decided.
  return openCallsIn(state, messageId).some(
    ({ name, approval }) =>
      !providerOf(state).supports.wholeAnswers || toolNamed(state, name) || approval?.approved === undefined,
  );
}

/** Shows what is known of a call by now. */
export function replaceCall(state: ChatState, messageId: string, old: ToolCallPart, next: ToolCallPart): void {
  amend(state, messageId, (parts) => parts.map((part) => (part === old ? next : part)));
}

/** Gives whether the call had no result yet. */
export function addResult(
  state: ChatState,
  messageId: string,
  { id: toolCallId, name }: ToolCallPart,
  result: CallResult,
): boolean {
  const isOpen = openCallsIn(state, messageId).some(({ id }) => id === toolCallId);
  if (isOpen) amend(state, messageId, (parts) => [...parts, { type: 'tool-result', toolCallId, name, ...result }]);
  return isOpen;
}

/** Carries out a call as part of a turn. */
export function carryOut(state: ChatState, messageId: string, part: ToolCallPart, { signal, running }: Turn): void {
  const { id, name, approval } = part;
  const tool = toolNamed(state, name);
  if (running.has(id) || (providerOf(state).supports.wholeAnswers && !tool)) return;
  async function work(): Promise<void> {
    let shown = part;
    const call = approval && begun.has(part) ? { ...part, approval: { id: approval.id } } : part;
    const result = tool
      ? await tool.answer(call, { signal, toolCallId: id, messages: state.tree.pathTo(messageId) }, (next) => {
          signal.throwIfAborted();
          replaceCall(state, messageId, shown, next);
          begun.add((shown = next));
        })
      : {
          output: `No tool ${name}, only: ${Object.keys(state.options().tools ?? {}).join(', ')}`,
          isError: true as const,
        };
    signal.throwIfAborted();
    if (result) addResult(state, messageId, part, result);
  }
  const done = work().finally(() => running.delete(id));
  // A turn that has ended does not wait for it.
  done.catch(() => undefined);
  running.set(id, done);
}
