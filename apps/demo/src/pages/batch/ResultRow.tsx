import type { BatchResult, Completion } from '@rivulet/core';
import { memo } from 'react';
import type { Asked } from './submission.ts';
import { formatCount } from './format.ts';
import { stateOf } from './row-state.ts';
import { describeInput } from './template.ts';

interface ResultRowProps {
  /** Of the row in the batch, and its place among those that are shown. */
  index: number;
  place: number;
  /** Where it begins, in pixels. */
  start: number;
  measure: (element: HTMLElement | null) => void;
  asked: Asked;
  result: BatchResult<Completion> | undefined;
  isBusy: boolean;
  isAskedAgain: boolean;
}

export const ResultRow = memo(function ResultRow(props: ResultRowProps) {
  const { index, place, start, measure, asked, result, isBusy, isAskedAgain } = props;
  const { kind, label, text, reason } = stateOf(result, isBusy, isAskedAgain);
  /* oxlint-disable jsx-a11y/prefer-tag-over-role */
  return (
    <div
      ref={measure}
      role="row"
      aria-rowindex={place + 2}
      data-index={place}
      data-kind={kind}
      className="result-row"
      style={{ transform: `translateY(${start}px)` }}
    >
      <div role="cell" className="result-number">
        {formatCount(index + 1)}
      </div>
      <div role="cell" className="result-input">
        <p>{describeInput(asked.template, asked.table, asked.table.rows[index] ?? [])}</p>
      </div>
      <div role="cell" className="result-status">
        {label}
      </div>
      <div role="cell" className="result-answer">
        {text}
        {reason && (
          <p className="result-reason">
            <strong>{reason.title}.</strong> {reason.message}
          </p>
        )}
      </div>
    </div>
  );
  /* oxlint-enable jsx-a11y/prefer-tag-over-role */
});
