import type { UseBatchResult } from '@rivulet/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { visibleBottom } from '../../components/visible-bottom.ts';
import type { Asked } from './submission.ts';
import { BatchGauge } from './BatchGauge.tsx';
import { toCsv, toJson } from './export-results.ts';
import { formatCount } from './format.ts';
import { ResultTable } from './ResultTable.tsx';
import { saveFile } from './save-file.ts';
import '../../components/ErrorNotice.css';
import './BatchResults.css';

interface BatchResultsProps {
  asked: Asked;
  batch: UseBatchResult;
  isBusy: boolean;
  before: UseBatchResult['results'] | null;
  onRetry: () => void;
}

export function BatchResults({ asked, batch, isBusy, before, onRetry }: BatchResultsProps) {
  const { results, progress, error } = batch;
  const [isOnlyFailed, setIsOnlyFailed] = useState(false);
  const sectionRef = useRef<HTMLElement>(null);
  const shown = useMemo(
    () => (isOnlyFailed ? results.flatMap((result, index) => (result?.status === 'rejected' ? [index] : [])) : null),
    [isOnlyFailed, results],
  );
  const total = asked.table.rows.length;
  const end = error ? 'failed' : progress.done + progress.unsent < total ? 'stopped' : 'finished';

  useEffect(() => {
    // On a phone the results start below the fold; beside the end of a long form, their progress is above it.
    const section = sectionRef.current;
    const { top = 0 } = section?.getBoundingClientRect() ?? {};
    if (top < 0 || top > visibleBottom() - 160) section?.scrollIntoView({ block: 'start' });
  }, []);

  return (
    <section ref={sectionRef} className="batch-results" aria-labelledby="results-heading">
      <h2 id="results-heading" className="visually-hidden">
        Results
      </h2>
      <BatchGauge progress={progress} isBusy={isBusy} end={end} />
      {error && (
        <div className="error-notice">
          <h3>The batch ended early</h3>
          <p>What came until then is kept below.</p>
          <p className="error-details">{error.message}</p>
        </div>
      )}
      <div className="batch-tools">
        {/* A fieldset would be announced with each button. */}
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role */}
        <div className="batch-filter" role="group" aria-label="Show">
          <button type="button" aria-pressed={!isOnlyFailed} onClick={() => setIsOnlyFailed(false)}>
            All <small>{formatCount(total)}</small>
          </button>
          <button type="button" aria-pressed={isOnlyFailed} onClick={() => setIsOnlyFailed(true)}>
            Failed <small>{formatCount(progress.failed + progress.unsent)}</small>
          </button>
        </div>
        {progress.failed + progress.unsent > 0 && !isBusy && (
          <button type="button" className="button-quiet" onClick={onRetry}>
            Retry failed
          </button>
        )}
        <div className="batch-export">
          <button
            type="button"
            className="button-quiet"
            onClick={() => saveFile('batch.csv', 'text/csv', toCsv(asked, results))}
          >
            Save CSV
          </button>
          <button
            type="button"
            className="button-quiet"
            onClick={() => saveFile('batch.json', 'application/json', toJson(asked, results))}
          >
            Save JSON
          </button>
        </div>
      </div>
      <ResultTable asked={asked} results={results} isBusy={isBusy} before={before} shown={shown} />
    </section>
  );
}
