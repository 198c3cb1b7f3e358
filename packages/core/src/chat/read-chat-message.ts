import type { FinishReason } from '../types/completion.ts';
import { readMessage, readUsage } from '../client/read-message.ts';
import { ordinal, record } from '../utils/read-value.ts';
import type { ChatMessage } from './chat-message.ts';

const FINISH_REASONS: readonly (FinishReason | 'aborted' | 'interrupted')[] = [
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'other',
  'aborted',
  'interrupted',
];

/**
 * A message of a chat from a value that was stored. Secondary fields with a wrong type are left out.
 * @throws {UnexpectedValueError} if it has no id, role or parts, or if a part lacks its content or has an unknown type.
 */
export function readChatMessage(value: unknown): ChatMessage {
  const message = readMessage(value);
  const { finishReason, usage, openFrom } = record(value) ?? {};
  return {
    ...message,
    '~tools': undefined,
    // Names of tools are told apart by the compiler only.
    parts: message.parts,
    finishReason: FINISH_REASONS.find((reason) => reason === finishReason),
    usage: readUsage(usage),
    openFrom: ordinal(openFrom),
  };
}
