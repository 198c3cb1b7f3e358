import { useStore } from '@rivulet/react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { RunEntry } from './RunEntry.tsx';
import { isUnderWay, type RunLog } from './run-log.ts';
import { useNow } from './use-now.ts';
import './RunDrawer.css';

interface RunDrawerProps {
  log: RunLog;
  onClose: () => void;
}

/** The latest runs of the page and what happened to each: for whoever builds with the client. */
export function RunDrawer({ log, onClose }: RunDrawerProps) {
  const runs = useStore(log);
  const underWay = runs.filter(isUnderWay).length;
  const nowMs = useNow(underWay > 0);
  /** What was opened or closed by hand. */
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const drawerRef = useRef<HTMLElement>(null);

  useLayoutEffect(() => {
    // The page makes room: nothing is covered, and both can be used.
    document.documentElement.dataset['drawer'] = 'open';
    return () => {
      delete document.documentElement.dataset['drawer'];
    };
  }, []);

  useEffect(() => {
    const before = document.activeElement;
    const drawer = drawerRef.current;
    drawer?.focus({ preventScroll: true });
    return () => {
      const hasFocus = document.activeElement === document.body || drawer?.contains(document.activeElement);
      if (hasFocus && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);

  const toggle = useCallback(
    (id: string, isOpen: boolean) => setChosen((current) => new Map(current).set(id, isOpen)),
    [],
  );
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    // Elsewhere it stops the run.
    event.preventDefault();
    onClose();
  };

  return (
    // The key is that of what is in it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      id="activity"
      ref={drawerRef}
      className="run-drawer"
      aria-labelledby="activity-heading"
      tabIndex={-1}
      onKeyDown={closeOnEscape}
    >
      <header className="run-drawer-head">
        <h2 id="activity-heading">Activity</h2>
        <p>{summary(runs.length, underWay)}</p>
        <button type="button" className="button-quiet" onClick={log.clear} disabled={runs.length === underWay}>
          Clear
        </button>
        <button type="button" className="button-quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="run-drawer-list">
        {runs.length === 0 && (
          <p className="run-drawer-none">
            Ask something: each run shows here as it goes, with its attempts, its times and its counts. What was asked
            and answered is not told.
          </p>
        )}
        <ol>
          {runs.map((run, index) => (
            <li key={run.id}>
              <RunEntry
                run={run}
                nowMs={isUnderWay(run) ? nowMs : undefined}
                // Where many are under way, the newest one changes too often to be read.
                isOpen={chosen.get(run.id) ?? (index === 0 && underWay <= 1)}
                onToggle={toggle}
              />
            </li>
          ))}
        </ol>
      </div>
      <footer className="run-drawer-foot">
        <span className="run-legend" aria-hidden="true">
          <i data-kind="asking" /> to first content
          <i data-kind="waiting" /> retry wait
          <i data-kind="answering" /> answer
        </span>
        <span>
          <kbd>Alt</kbd> <kbd>A</kbd>
          <span className="visually-hidden"> opens and closes this</span>
        </span>
      </footer>
    </aside>
  );
}

function summary(count: number, underWay: number): string {
  if (count === 0) return 'none yet';
  return underWay > 0 ? `${underWay} under way, ${count} listed` : `${count} listed`;
}
