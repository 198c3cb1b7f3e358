import type { BatchProgress } from '@rivulet/core';
import { Seconds } from '../../components/Seconds.tsx';
import { useCountdown } from '../../components/use-countdown.ts';
import { formatCount, formatDuration, formatRate } from './format.ts';
import './BatchGauge.css';

interface BatchGaugeProps {
  progress: BatchProgress;
  isBusy: boolean;
  /** What became of it. */
  end: 'finished' | 'stopped' | 'failed';
}

/** How far the batch is, and when it will be done. */
export function BatchGauge({ progress, isBusy, end }: BatchGaugeProps) {
  const { done, failed, total = 0, rate, pausedUntilMs } = progress;
  const left = isBusy ? (rate > 0 ? formatDuration((total - done) / rate) : '–') : end;
  const counts = `${formatCount(done)} of ${formatCount(total)} done, ${formatCount(failed)} failed`;

  return (
    <section className="batch-gauge" aria-label="Progress">
      <div
        className="batch-bar"
        // <progress> has no place for a second colour.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="progressbar"
        aria-label="Batch"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={counts}
        data-busy={isBusy}
      >
        <span className="batch-bar-answered" style={{ width: percent(done - failed, total) }} />
        <span className="batch-bar-failed" style={{ width: percent(failed, total) }} />
      </div>
      <dl>
        <div>
          <dt>Done</dt>
          <dd>
            {formatCount(done)} <small>of {formatCount(total)}</small>
          </dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd data-alarming={failed > 0}>{formatCount(failed)}</dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{formatRate(rate)}</dd>
        </div>
        <div>
          <dt>Time left</dt>
          <dd>{left}</dd>
        </div>
      </dl>
      {isBusy && pausedUntilMs !== undefined && <Pause untilMs={pausedUntilMs} />}
    </section>
  );
}

function Pause({ untilMs }: { untilMs: number }) {
  const seconds = useCountdown(untilMs);
  return (
    <p className="batch-pause">
      The server asked for a pause. It goes on in <Seconds count={seconds} />.
    </p>
  );
}

function percent(part: number, total: number): string {
  return `${total > 0 ? (100 * part) / total : 0}%`;
}
