import type { Part, ToolCallPart } from '../types/message.ts';

/** The calls that no result follows. Ids are of one step: some servers begin again with each. */
export function openCallsOf(parts: readonly Part[]): readonly ToolCallPart[] {
  const open = new Map<string, ToolCallPart>();
  for (const part of parts) {
    if (part.type === 'tool-call') open.set(part.id, part);
    else if (part.type === 'tool-result') open.delete(part.toolCallId);
  }
  return [...open.values()];
}
