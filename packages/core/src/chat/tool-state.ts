import type { ChatMessage, ChatToolCallPart, ChatToolResultPart } from './chat-message.ts';
import type { ToolSet } from './tool.ts';

/**
 * How far a call is. `input-streaming`: its arguments are coming. `input-available`: it is being carried out, or waits for
 * `addToolOutput`. `approval-requested`: a person has to decide. `approval-responded`: decided, and not yet carried out.
 * `output-denied`: the person said no.
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

/** How far a call of a message is, and its result. */
export function toolStateOf<Tools extends ToolSet>(
  message: ChatMessage<Tools>,
  call: ChatToolCallPart<Tools>,
): ToolCallState<Tools> {
  const { parts, openFrom = Infinity, finishReason } = message;
  const index = parts.indexOf(call);
  const { approval, error } = call;
  const again = parts.findIndex((part, at) => at > index && part.type === 'tool-call' && part.id === call.id);
  // Ids are of one step: some servers begin again with each.
  const result = parts
    .slice(index, again < 0 ? undefined : again)
    .findLast((part) => part.type === 'tool-result' && part.toolCallId === call.id) as
    | ChatToolResultPart<Tools>
    | undefined;
  let state: ToolState = 'input-available';
  if (result && !result.preliminary) {
    state = !result.isError ? 'output-available' : approval?.approved === false ? 'output-denied' : 'output-error';
  } else if (error) state = 'output-error';
  else if (approval) state = approval.approved === undefined ? 'approval-requested' : 'approval-responded';
  else if (index >= openFrom && (finishReason === undefined || call.input === undefined)) state = 'input-streaming';
  return { state, result };
}
