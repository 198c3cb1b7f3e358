import type { ToolCallPart } from '../message.ts';
import { callIndexOf, type CallIndex } from './call-index.ts';
import type { Chat } from './chat.ts';
import type { ChatMessage } from './chat-message.ts';
import { toolNamed, type ChatState } from './chat-state.ts';
import { invalidRequest } from './invalid-request.ts';
import { addResult, applyChanges, carryOut, isWaiting, replaceCall, writeChanges } from './tool-calls.ts';
import { advance } from './turn.ts';

interface FoundCall {
  readonly message: ChatMessage;
  readonly part: ToolCallPart;
  readonly isOpen: boolean;
}

type Lookup = (index: CallIndex) => ToolCallPart | undefined;

/** Finds a call: the last one of the branch that is shown, or else of the others. Those without a result come first. */
function search(state: ChatState, lookup: Lookup): FoundCall | undefined {
  const { tree } = state;
  applyChanges(state);
  let answered: FoundCall | undefined;
  function look(message: ChatMessage): FoundCall | undefined {
    const index = callIndexOf(message.parts);
    const part = lookup(index);
    if (!part) return undefined;
    const found = { message, part, isOpen: index.open.get(part.id) === part };
    answered ??= found;
    return found.isOpen ? found : undefined;
  }
  const shown = tree.shown();
  for (let at = shown.length - 1; at >= 0; at -= 1) {
    const message = shown[at];
    const found = message && look(message);
    if (found) return found;
  }
  for (const message of tree.all().messages.toReversed()) {
    const found = look(message);
    if (found) return found;
  }
  return answered;
}

/** Finds a call. One that is still being written is found once its step has ended. */
async function findCall(state: ChatState, what: string, lookup: Lookup): Promise<FoundCall> {
  const found = search(state, lookup);
  const { asked } = state.turn ?? {};
  const isBeingWritten = found?.message.openFrom !== undefined && found.message.finishReason === undefined;
  if (found && !isBeingWritten) return found;
  await asked?.catch(() => undefined);
  const later = search(state, lookup);
  if (!later) throw invalidRequest(`No ${what} in this chat`);
  return later;
}

/**
 * Asks the model again, or carries out a call that was decided, if the answer is the last one that is shown. Nothing is
 * notified before: a listener might begin another turn.
 */
async function goOn(state: ChatState, messageId: string, mustWait: boolean): Promise<void> {
  if (mustWait || state.turn || state.tree.head() !== messageId) state.set();
  else await advance(state, messageId, undefined, { isAnswered: true });
}

export async function addToolOutput(
  state: ChatState,
  { toolCallId, output, errorText }: Parameters<Chat['addToolOutput']>[0],
): Promise<void> {
  const found = await findCall(state, `call ${toolCallId}`, ({ byId }) => byId.get(toolCallId));
  if (!found.isOpen) return;
  const { id } = found.message;
  const result = errorText === undefined ? { output } : { output: errorText, isError: true as const };
  addResult(state, id, found.part, result);
  writeChanges(state);
  await goOn(state, id, isWaiting(state, id));
}

export async function addToolApprovalResponse(
  state: ChatState,
  { id, approved, reason }: Parameters<Chat['addToolApprovalResponse']>[0],
): Promise<void> {
  const what = `call that waits for the approval ${id}`;
  const { message, part, isOpen } = await findCall(state, what, ({ byApproval }) => byApproval.get(id));
  const { tree } = state;
  if (part.approval?.approved !== undefined) return;
  if (!isOpen) throw invalidRequest(`The call of ${part.name} has its result already, so it needs no approval`);
  if (!tree.ids().includes(message.id)) {
    throw invalidRequest(`The call of ${part.name} is in a branch that is not shown: select that branch first`);
  }
  if (tree.head() !== message.id) {
    throw invalidRequest(
      `The conversation went on without the call of ${part.name}: regenerate that answer, or ask for it again`,
    );
  }
  if (state.turn && state.turn.last !== message.id) {
    throw invalidRequest('Busy with the answer of another branch: wait for its end, or stop it first');
  }
  const isOwnTool = toolNamed(state, part.name) !== undefined;
  const decided = { ...part, approval: { id, approved, reason } };
  replaceCall(state, message.id, part, decided);
  writeChanges(state);
  if (state.turn) {
    state.set();
    // It may be decided at once, while the call that asks is still ending.
    await state.turn?.running.get(part.id)?.catch(() => undefined);
    const { turn } = state;
    if (turn?.last === message.id) carryOut(state, message.id, decided, turn, tree.pathTo(message.id));
  }
  await goOn(state, message.id, !isOwnTool && isWaiting(state, message.id));
}
