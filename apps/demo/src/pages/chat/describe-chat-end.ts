import { toolStateOf } from '@rivulet/core/chat';
import { describeEnd } from '../../components/describe-end.ts';
import type { DemoMessage } from './tools/chat-tools.ts';

export interface ChatEnd {
  text: string;
  /** Whether something is missing that the reader did not cause. */
  isAlarming: boolean;
  /** Whether the model can go on where it was cut. */
  canContinue: boolean;
}

/** Why an answer is not whole; nothing of one that is, or that waits for a person. */
export function describeChatEnd(message: DemoMessage): ChatEnd | undefined {
  const { finishReason } = message;
  switch (finishReason) {
    case undefined:
    case 'stop':
      return undefined;
    case 'interrupted':
      return { text: 'Interrupted: this is not the whole answer.', isAlarming: true, canContinue: true };
    case 'aborted':
      return { text: 'Stopped by you.', isAlarming: false, canContinue: true };
    case 'length':
      return { text: 'Cut off at the limit of tokens.', isAlarming: true, canContinue: true };
    case 'tool-calls':
      if (isWaiting(message)) return undefined;
      return { text: 'The model has not answered from the results yet.', isAlarming: false, canContinue: true };
    default: {
      const { text, isAlarming } = describeEnd(finishReason);
      return { text, isAlarming, canContinue: finishReason === 'pause' };
    }
  }
}

/** Whether a person has to decide something before the answer goes on. */
export function isWaiting(message: DemoMessage): boolean {
  return message.parts.some((part) => {
    if (part.type !== 'tool-call') return false;
    const { state } = toolStateOf(message, part);
    return state === 'approval-requested' || (state === 'input-available' && part.name === 'pick_colour');
  });
}
