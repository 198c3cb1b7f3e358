import { memo, type MouseEvent } from 'react';
import { formatMs } from '../components/format-ms.ts';
import { describeRun } from './describe-run.ts';
import { describeTurn } from './describe-run-event.ts';
import { RunCourse } from './RunTimeline.tsx';
import { lastTurn, type LoggedRun } from './run-log.ts';
import './RunEntry.css';

interface RunEntryProps {
  run: LoggedRun;
  /** Of a run that is under way. */
  nowMs: number | undefined;
  isOpen: boolean;
  onToggle: (id: string, isOpen: boolean) => void;
}

/** One run: what became of it, and its turns. */
export const RunEntry = memo(function RunEntry({ run, nowMs, isOpen, onToggle }: RunEntryProps) {
  const { kind, label, provider, model, tokens, facts } = describeRun(run);
  const { elapsedMs: lastMs } = lastTurn(run);
  const elapsedMs = nowMs === undefined ? lastMs : Math.max(lastMs, nowMs - run.startedMs);
  const toggle = (event: MouseEvent): void => {
    // Whether it is open is decided here, so the browser must not.
    event.preventDefault();
    onToggle(run.id, !isOpen);
  };

  return (
    <details className="run-entry" data-kind={kind} open={isOpen}>
      <summary onClick={toggle}>
        <span className="run-state">{label}</span>
        <span className="run-elapsed">{formatMs(elapsedMs)}</span>
        <span className="run-whom">
          {provider}
          {model !== undefined && ` · ${model}`}
          {tokens !== undefined && <span className="run-tokens"> · {tokens}</span>}
        </span>
        <RunCourse turns={run.turns} elapsedMs={elapsedMs} />
      </summary>
      <ol className="run-turns">
        {run.turns.map((turn, index) => {
          const { title, details } = describeTurn(turn);
          return (
            // Turns are only ever added.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} data-type={turn.type}>
              <span className="run-turn-at">{formatMs(turn.elapsedMs)}</span>
              <span className="run-turn">
                {title}
                {details.length > 0 && <small>{details.join(' ')}</small>}
              </span>
            </li>
          );
        })}
      </ol>
      <dl className="run-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
});
