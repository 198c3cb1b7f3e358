import type { FieldStatus } from '@rivulet/core';

/** How far a value has come, or that it will come no further. */
export type NodeStatus = FieldStatus | 'cut';

const MARKS: Record<NodeStatus, { sign: string; word: string }> = {
  absent: { sign: '', word: 'not there' },
  streaming: { sign: '…', word: 'streaming' },
  complete: { sign: '✓', word: 'complete' },
  cut: { sign: '–', word: 'cut off' },
  invalid: { sign: '!', word: 'invalid' },
};

/** A sign, and a word for screen readers and for the pointer that rests on it. */
export function StatusMark({ status }: { status: NodeStatus }) {
  const { sign, word } = MARKS[status];
  return (
    <span className="status-mark" data-status={status} title={word}>
      <span aria-hidden="true">{sign}</span>
      <span className="visually-hidden">{word}: </span>
    </span>
  );
}
