import type { UseBatchResult } from '@rivulet/react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { Asked } from './submission.ts';
import { ResultRow } from './ResultRow.tsx';
import './ResultTable.css';

/** In pixels; each row is measured when it is shown. */
const ESTIMATED_HEIGHT = 76;

interface ResultTableProps {
  asked: Asked;
  results: UseBatchResult['results'];
  isBusy: boolean;
  /** The results when the failed ones began to be asked for again; one that is still the same is not back yet. */
  before: UseBatchResult['results'] | null;
  /** The rows to show, by index; `null` for all. */
  shown: readonly number[] | null;
}

/** A table that holds only the rows in view, whatever their number. Its roles are written out: a <table> cannot do that. */
export function ResultTable({ asked, results, isBusy, before, shown }: ResultTableProps) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const count = shown?.length ?? asked.table.rows.length;
  // What it gives is read in this render only; the rows are memoized by properties of their own.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ESTIMATED_HEIGHT,
    getItemKey: (place) => shown?.[place] ?? place,
    overscan: 6,
    useFlushSync: false,
  });

  /* oxlint-disable jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-tabindex */
  return (
    <div ref={scrollRef} className="result-scroll" role="region" aria-label="Rows" tabIndex={0}>
      <div role="table" aria-label="Results" aria-rowcount={count + 1} className="result-table">
        <div role="rowgroup" className="result-head">
          <div role="row" aria-rowindex={1} className="result-row">
            <div role="columnheader">No.</div>
            <div role="columnheader">Input</div>
            <div role="columnheader">Status</div>
            <div role="columnheader">Answer</div>
          </div>
        </div>
        <div
          role="rowgroup"
          className="result-body"
          style={{ height: count > 0 ? virtualizer.getTotalSize() : 'auto' }}
        >
          {count === 0 && (
            <div role="row" aria-rowindex={2} className="result-none">
              <div role="cell">No row failed.</div>
            </div>
          )}
          {virtualizer.getVirtualItems().map(({ key, index: place, start }) => {
            const index = shown?.[place] ?? place;
            const result = results[index];
            return (
              <ResultRow
                key={key}
                index={index}
                place={place}
                start={start}
                measure={virtualizer.measureElement}
                asked={asked}
                result={result}
                isBusy={isBusy}
                isAskedAgain={isBusy && result?.status === 'rejected' && before?.[index] === result}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
  /* oxlint-enable jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-tabindex */
}
