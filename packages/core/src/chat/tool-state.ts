import type { Part, ToolResultPart } from '../types/message.ts';
import type { ChatMessage, ChatToolCallPart, ChatToolResultPart } from './chat-message.ts';
import type { ToolSet } from './tool.ts';

/**
 * How far a call is. `input-streaming`: its arguments are coming. `input-available`: it is being carried out, or waits for
 * `addToolOutput`. `approval-requested`: a person has to decide. `approval-responded`: decided, and not yet carried out.
 * `output-error`: it failed, or (without a result) its arguments are invalid or were cut. `output-denied`: the person said no.
 */
export type ToolState =
  | 'input-streaming'
  | 'input-available'
  | 'approval-requested'
  | 'approval-responded'
  | 'output-available'
  | 'output-error'
  | 'output-denied';

export interface ToolCallState<Tools extends ToolSet = ToolSet> {
  readonly state: ToolState;
  /** Of the call, once there is one. */
  readonly result?: ChatToolResultPart<Tools> | undefined;
}

/** By the parts of a message, which never change. Each call is looked up in every render of its message. */
const knownResults = new WeakMap<ChatMessage['parts'], ReadonlyMap<Part, ToolResultPart>>();

/** The result of each call: the last one before the id is used again. Ids are of one step: some servers begin again with each. */
function resultsOf(parts: ChatMessage['parts']): ReadonlyMap<Part, ToolResultPart> {
  const known = knownResults.get(parts);
  if (known) return known;
  const results = new Map<Part, ToolResultPart>();
  const calls = new Map<string, Part>();
  for (const part of parts as readonly Part[]) {
    if (part.type === 'tool-call') calls.set(part.id, part);
    const call = part.type === 'tool-result' && calls.get(part.toolCallId);
    if (call) results.set(call, part);
  }
  knownResults.set(parts, results);
  return results;
}

/** How far a call of a message is, and its result. */
export function toolStateOf<Tools extends ToolSet>(
  message: ChatMessage<Tools>,
  call: ChatToolCallPart<Tools>,
): ToolCallState<Tools> {
  const { parts, openFrom, finishReason } = message;
  const { approval, error } = call;
  const result = resultsOf(parts).get(call) as ChatToolResultPart<Tools> | undefined;
  const isInOpenStep = openFrom !== undefined && parts.indexOf(call) >= openFrom;
  let state: ToolState = 'input-available';
  if (result && !result.preliminary) {
    state = !result.isError ? 'output-available' : approval?.approved === false ? 'output-denied' : 'output-error';
  } else if (error) state = 'output-error';
  else if (approval) state = approval.approved === undefined ? 'approval-requested' : 'approval-responded';
  else if (isInOpenStep && finishReason === undefined) state = 'input-streaming';
  // Its arguments were cut, so nothing can be made of it.
  else if (isInOpenStep && call.input === undefined) state = 'output-error';
  return { state, result };
}
