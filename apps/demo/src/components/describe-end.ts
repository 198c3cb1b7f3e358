import type { UseCompletionResult } from '@rivulet/react';

type EndReason = NonNullable<UseCompletionResult['finishReason']>;

export interface End {
  label: string;
  /** A sentence for the foot of the answer. */
  text: string;
  spoken: string;
  /** Whether the reader has to know that something is missing, who did not cause it. */
  isAlarming: boolean;
}

const ENDS: Record<EndReason, End> = {
  stop: {
    label: 'complete',
    text: 'Complete: the model ended its answer.',
    spoken: 'Answer complete.',
    isAlarming: false,
  },
  length: {
    label: 'cut off at the limit',
    text: 'Cut off at the limit: the model met its maximum of tokens, the answer is not complete.',
    spoken: 'Answer cut off at the token limit.',
    isAlarming: true,
  },
  aborted: {
    label: 'stopped',
    text: 'Stopped by you. The text that had come was kept.',
    spoken: 'Stopped. The text so far is kept.',
    isAlarming: false,
  },
  'content-filter': {
    label: 'filtered',
    text: 'Cut off by the provider’s content filter.',
    spoken: 'Answer cut off by a content filter.',
    isAlarming: true,
  },
  refusal: { label: 'refused', text: 'The model refused to answer.', spoken: 'The model refused.', isAlarming: true },
  'tool-calls': {
    label: 'asked for a tool',
    text: 'The model asked for a tool, and this page has none.',
    spoken: 'The model asked for a tool.',
    isAlarming: true,
  },
  pause: { label: 'paused', text: 'The provider paused the answer.', spoken: 'Answer paused.', isAlarming: true },
  other: {
    label: 'ended',
    text: 'Ended, for a reason that the provider gave no common name.',
    spoken: 'Answer ended.',
    isAlarming: true,
  },
};

export function describeEnd(reason: EndReason): End {
  return ENDS[reason];
}
