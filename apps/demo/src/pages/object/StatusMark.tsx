import type { FieldStatus } from '@rivulet/core';

const MARKS: Record<FieldStatus | 'cut', { sign: string; word: string }> = {
  absent: { sign: '', word: 'not there' },
  streaming: { sign: '…', word: 'streaming' },
  complete: { sign: '✓', word: 'complete' },
  cut: { sign: '–', word: 'cut off' },
  invalid: { sign: '!', word: 'invalid' },
};

/** How far a value has come: as a sign, and as a word for screen readers and for the pointer that rests on it. */
export function StatusMark({ status, isOver }: { status: FieldStatus; isOver: boolean }) {
  const shown = isOver && status === 'streaming' ? 'cut' : status;
  const { sign, word } = MARKS[shown];
  return (
    <span className="status-mark" data-status={shown} title={word}>
      <span aria-hidden="true">{sign}</span>
      <span className="visually-hidden">{word}: </span>
    </span>
  );
}
