import type { ToolCallPart } from '../message.ts';
import type { Chat } from './chat.ts';
import { toolNamed, type ChatState } from './chat-state.ts';
import { invalidRequest } from './invalid-request.ts';
import { addResult, carryOut, isWaiting, replaceCall } from './tool-calls.ts';
import type { Tool } from './tool.ts';
import { advance } from './turn.ts';

/** Finds a call, once what is asked for has ended: it may still write the call. */
async function findCall(
  { tree, turn }: ChatState,
  isWanted: (call: ToolCallPart) => boolean,
): Promise<{ messageId: string; part: ToolCallPart }> {
  await turn?.asked?.catch(() => undefined);
  for (const { id: messageId, parts } of tree.all().messages.toReversed()) {
    const part = parts.findLast((one) => one.type === 'tool-call' && isWanted(one));
    if (part) return { messageId, part: part as ToolCallPart };
  }
  throw invalidRequest('No such call');
}

/** Asks again once all calls of the last answer are answered. */
async function goOn(state: ChatState, messageId: string, tool?: Tool): Promise<void> {
  if (!state.turn && (tool || !isWaiting(state, messageId)) && state.tree.head() === messageId) {
    await advance(state, messageId, undefined, { isAnswered: true });
  }
}

export async function addToolOutput(
  state: ChatState,
  { toolCallId, output, errorText }: Parameters<Chat['addToolOutput']>[0],
): Promise<void> {
  const { messageId, part } = await findCall(state, ({ id }) => id === toolCallId);
  const result = errorText === undefined ? { output } : { output: errorText, isError: true as const };
  if (addResult(state, messageId, part, result)) await goOn(state, messageId);
}

export async function addToolApprovalResponse(
  state: ChatState,
  { id, approved, reason }: Parameters<Chat['addToolApprovalResponse']>[0],
): Promise<void> {
  const { messageId, part } = await findCall(state, ({ approval }) => approval?.id === id);
  if (part.approval?.approved !== undefined) return;
  const decided = { ...part, approval: { id, approved, reason } };
  replaceCall(state, messageId, part, decided);
  // It may be decided at once, while the call that asks is still ending.
  await state.turn?.running.get(part.id);
  const { turn } = state;
  if (turn?.last === messageId) carryOut(state, messageId, decided, turn);
  await goOn(state, messageId, toolNamed(state, part.name));
}
