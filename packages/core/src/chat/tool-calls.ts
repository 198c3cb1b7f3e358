import type { MessageInput, ToolApproval, ToolCallPart } from '../types/message.ts';
import { callIndexOf, changeCalls, type CallChanges } from './call-index.ts';
import { providerOf, toolNamed, type ChatState, type Turn } from './state.ts';
import { toJsonValue } from './json-value.ts';
import { thrownMessage } from '../errors/thrown.ts';
import type { CallResult, Tool } from './tool.ts';

/**
 * Calls as they were when a person allowed them in this page. A message from elsewhere allows nothing, and neither does a call
 * that was begun since: it may be done already, so the person is asked again.
 */
const allowed = new WeakSet<ToolCallPart>();

/** A call with the decision of a person. */
export function decidedCall(call: ToolCallPart, approval: ToolApproval): ToolCallPart {
  const decided = { ...call, approval };
  if (approval.approved) allowed.add(decided);
  return decided;
}

/** The calls of an answer that have no result. */
export function openCallsIn({ tree }: ChatState, messageId: string): readonly ToolCallPart[] {
  const message = tree.get(messageId);
  return message ? [...callIndexOf(message.parts).open.values()] : [];
}

/** Whether a call of an answer still needs a person, or the page. */
export function isWaiting(state: ChatState, messageId: string): boolean {
  const message = state.tree.get(messageId);
  if (!message || callIndexOf(message.parts).open.size === 0) return false;
  if (!providerOf(state).supports.wholeAnswers) return true;
  // A backend carries out its own tools once that was decided.
  return openCallsIn(state, messageId).some(
    ({ name, approval }) => toolNamed(state, name) || approval?.approved === undefined,
  );
}

/** The changes of an answer that are not yet in the tree: tools that end together are written together. */
function changesOf(state: ChatState, messageId: string): CallChanges {
  const { callChanges } = state;
  const known = callChanges.get(messageId);
  if (known) return known;
  const changes: CallChanges = { calls: new Map(), results: [] };
  if (callChanges.size === 0) queueMicrotask(() => applyChanges(state));
  callChanges.set(messageId, changes);
  return changes;
}

/** Writes the changes that are not yet in the tree, and notifies of them. */
export function applyChanges(state: ChatState): void {
  if (writeChanges(state)) state.set();
}

/** Writes the changes that are not yet in the tree, to be seen with the next `set`. Returns whether there were any. */
export function writeChanges({ callChanges, tree }: ChatState): boolean {
  if (callChanges.size === 0) return false;
  const all = [...callChanges];
  callChanges.clear();
  for (const [messageId, changes] of all) {
    const message = tree.get(messageId);
    if (message) tree.put({ ...message, parts: changeCalls(message.parts, changes) });
  }
  return true;
}

/** Shows the current state of a call. */
export function replaceCall(state: ChatState, messageId: string, old: ToolCallPart, next: ToolCallPart): void {
  changesOf(state, messageId).calls.set(old, next);
}

/** Adds the result of a call. Does nothing for a call that has one. */
export function addResult(
  state: ChatState,
  messageId: string,
  { id: toolCallId, name }: ToolCallPart,
  result: CallResult,
): void {
  const message = state.tree.get(messageId);
  if (!message || !callIndexOf(message.parts).open.has(toolCallId)) return;
  const { results } = changesOf(state, messageId);
  results.push({ type: 'tool-result', toolCallId, name, ...toJsonResult(name, result) });
}

/** A result as JSON. An output that JSON cannot represent would make every later request fail, so it is an error. */
function toJsonResult(name: string, { output, isError }: CallResult): CallResult {
  try {
    return { output: toJsonValue(output, 'output'), ...(isError && { isError }) };
  } catch (thrown) {
    return { output: `The tool ${name} returned a value that cannot be sent: ${thrownMessage(thrown)}`, isError: true };
  }
}

/** The result of a call by its tool. What is wrong with the call, or with the tool, is the result. */
async function resultOf(
  tool: Tool,
  call: ToolCallPart,
  signal: AbortSignal,
  messages: readonly MessageInput[],
  update: (next: ToolCallPart) => void,
): Promise<CallResult | undefined> {
  try {
    return await tool.answer(call, { signal, toolCallId: call.id, messages }, update);
  } catch (thrown) {
    signal.throwIfAborted();
    return { output: thrownMessage(thrown), isError: true };
  }
}

/**
 * Carries out a call as part of a turn, unless it is being carried out.
 * @param messages the conversation up to the answer that calls.
 */
export function carryOut(
  state: ChatState,
  messageId: string,
  part: ToolCallPart,
  turn: Turn,
  messages: readonly MessageInput[],
): void {
  if (!turn.running.has(part.id)) start(state, messageId, part, turn, messages);
}

/** Carries out a call that was decided during the turn. What asked for the decision may still be ending. */
export function carryOutDecided(
  state: ChatState,
  messageId: string,
  part: ToolCallPart,
  turn: Turn,
  messages: readonly MessageInput[],
): void {
  start(state, messageId, part, turn, messages);
}

function start(
  state: ChatState,
  messageId: string,
  part: ToolCallPart,
  { signal, running }: Turn,
  messages: readonly MessageInput[],
): void {
  const { id, name, approval } = part;
  const tool = toolNamed(state, name);
  if (providerOf(state).supports.wholeAnswers && !tool) return;
  const names = tool ? [] : Object.keys(state.options().tools ?? {});
  const before = running.get(id);

  async function work(): Promise<void> {
    if (before) {
      await before.catch(() => undefined);
      signal.throwIfAborted();
    }
    let shown = part;
    const call = approval?.approved && !allowed.has(part) ? { ...part, approval: { id: approval.id } } : part;
    const result = tool
      ? await resultOf(tool, call, signal, messages, (next) => {
          signal.throwIfAborted();
          replaceCall(state, messageId, shown, next);
          shown = next;
        })
      : { output: `No tool ${name}, only: ${names.join(', ')}`, isError: true as const };
    signal.throwIfAborted();
    if (result) addResult(state, messageId, part, result);
  }

  const done = work().finally(() => {
    if (running.get(id) === done) running.delete(id);
  });
  // A turn that has ended does not wait for it.
  done.catch(() => undefined);
  running.set(id, done);
}
