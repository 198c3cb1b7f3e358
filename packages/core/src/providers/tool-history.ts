import { partsOf, type MessageInput, type ToolCall, type ToolResultPart } from '../message.ts';
import { completeToolCall } from './tool-call.ts';

/** The arguments of a call that was made before, as a value: `{}` where they are none or broken. */
export function inputOf({ id, name, rawInput, input }: ToolCall): unknown {
  return input ?? completeToolCall(id, name, rawInput).input ?? {};
}

/** Finds for a tool result the name of its tool, which the result itself may lack. */
export function createToolNames(messages: readonly MessageInput[]): (result: ToolResultPart) => string | undefined {
  const names = new Map<string, string>();
  for (const part of messages.flatMap(partsOf)) if (part.type === 'tool-call') names.set(part.id, part.name);
  return ({ name, toolCallId }) => name ?? names.get(toolCallId);
}
