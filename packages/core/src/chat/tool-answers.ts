import type { ToolCallPart } from '../types/message.ts';
import { filledText, record } from '../utils/read-value.ts';
import { callIndexOf, type CallIndex } from './call-index.ts';
import type { Chat } from './chat.ts';
import type { ChatMessage } from './chat-message.ts';
import { toolNamed, type ChatState } from './state.ts';
import { invalidRequest } from './invalid-request.ts';
import {
  addResult,
  applyChanges,
  carryOutDecided,
  decidedCall,
  isWaiting,
  replaceCall,
  writeChanges,
} from './tool-calls.ts';
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

/**
 * Does `work` with a call: in the task of the caller, so that a later decision or a stop meets what was done; or, for a call
 * that is still being written, once its step has ended.
 * @param work `wasStopped`: the step was stopped, or gave way to another turn, in the meantime.
 */
async function withCall(
  state: ChatState,
  what: string,
  lookup: Lookup,
  work: (found: FoundCall, wasStopped: boolean) => Promise<void>,
): Promise<void> {
  const found = search(state, lookup);
  const isBeingWritten = found?.message.openFrom !== undefined && found.message.finishReason === undefined;
  if (found && !isBeingWritten) {
    await work(found, false);
    return;
  }
  const { turn } = state;
  await turn?.asked?.catch(() => undefined);
  const later = search(state, lookup);
  if (!later) throw invalidRequest(`No ${what} in this chat`);
  await work(later, turn?.signal.aborted ?? false);
}

/**
 * Asks the model again, or carries out a call that was decided, if the answer is the last one that is shown. Nothing is
 * notified before: a listener might begin another turn.
 */
async function goOn(state: ChatState, messageId: string, mustWait: boolean): Promise<void> {
  if (mustWait || state.turn || state.tree.head() !== messageId) state.set();
  else await advance(state, messageId, undefined, { isAnswered: true });
}

export async function addToolOutput(state: ChatState, given: Parameters<Chat['addToolOutput']>[0]): Promise<void> {
  if (filledText(record(given)?.['toolCallId']) === undefined) {
    throw invalidRequest('addToolOutput takes { toolCallId, output }, or { toolCallId, errorText }');
  }
  const { toolCallId, output, errorText } = given;
  if (errorText !== undefined && typeof errorText !== 'string') throw invalidRequest('errorText must be text');
  const result = errorText === undefined ? { output } : { output: errorText, isError: true as const };
  await withCall(
    state,
    `call ${toolCallId}`,
    ({ byId }) => byId.get(toolCallId),
    async ({ message: { id }, part, isOpen }, wasStopped) => {
      if (!isOpen) return;
      addResult(state, id, part, result);
      writeChanges(state);
      await goOn(state, id, wasStopped || isWaiting(state, id));
    },
  );
}

export async function addToolApprovalResponse(
  state: ChatState,
  response: Parameters<Chat['addToolApprovalResponse']>[0],
): Promise<void> {
  const { id, approved } = record(response) ?? {};
  if (filledText(id) === undefined || typeof approved !== 'boolean') {
    throw invalidRequest('addToolApprovalResponse takes { id, approved }: the id of an approval, and true or false');
  }
  await withCall(
    state,
    `call that waits for the approval ${response.id}`,
    ({ byApproval }) => byApproval.get(response.id),
    (found, wasStopped) => decide(state, found, response, wasStopped),
  );
}

async function decide(
  state: ChatState,
  { message, part, isOpen }: FoundCall,
  { id, approved, reason }: Parameters<Chat['addToolApprovalResponse']>[0],
  wasStopped: boolean,
): Promise<void> {
  const { tree, turn } = state;
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
  if (turn && turn.last !== message.id) {
    throw invalidRequest('Busy with the answer of another branch: wait for its end, or stop it first');
  }
  const isOwnTool = toolNamed(state, part.name) !== undefined;
  const decided = decidedCall(part, { id, approved, reason });
  // First what may throw, with the options of the app: a decision without effect would be the only one.
  if (turn) carryOutDecided(state, message.id, decided, turn, tree.pathTo(message.id));
  replaceCall(state, message.id, part, decided);
  writeChanges(state);
  await goOn(state, message.id, wasStopped || (!isOwnTool && isWaiting(state, message.id)));
}
