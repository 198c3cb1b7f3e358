import type { Part } from '../types/message.ts';
import type { ChatMessage } from './chat-message.ts';
import { openCallsOf } from './open-calls.ts';

/**
 * A message that no turn of this chat has written, or that none writes any more. An answer under way is interrupted. A call
 * that was allowed and has no result asks again, because it may have been carried out already; one that was denied leaves its
 * answer interrupted. The same object if nothing changes.
 * @param isDecided whether an allowed call can no longer be answered here: another tab carries it out, or the conversation went on.
 */
export function revived(message: ChatMessage, isDecided = false): ChatMessage {
  if (message.role !== 'assistant') return message;
  const decided = new Set<Part>(openCallsOf(message.parts).filter(({ approval }) => approval?.approved !== undefined));
  let isInterrupted = message.openFrom !== undefined && message.finishReason === undefined;
  if (decided.size === 0) return isInterrupted ? { ...message, finishReason: 'interrupted' } : message;
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-call' || !part.approval || !decided.has(part)) return part;
    if (part.approval.approved && isDecided) return part;
    if (part.approval.approved) return Object.assign({}, part, { approval: { id: part.approval.id } });
    isInterrupted ||= message.finishReason === 'tool-calls';
    return part;
  });
  return { ...message, parts, ...(isInterrupted && { finishReason: 'interrupted' as const }) };
}
