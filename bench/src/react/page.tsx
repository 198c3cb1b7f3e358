import { useLayoutEffect, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterPaint } from '../after-paint.ts';
import { contestants } from './contestants.ts';

const query = new URLSearchParams(location.search);
const useContestant = contestants[query.get('contestant')!]!(query.get('pace')!);

const longTasks: number[] = [];
let commits = 0;

const observer = new PerformanceObserver((list) => keep(list.getEntries()));
observer.observe({ type: 'longtask' });

function keep(entries: readonly PerformanceEntry[]): void {
  longTasks.push(...entries.map(({ duration }) => duration));
}

function shown(): string {
  return document.querySelector('#answer')?.textContent ?? '';
}

function App(): ReactElement {
  const { completion, complete } = useContestant();
  useLayoutEffect(() => {
    commits += 1;
  });
  window.complete = async () => {
    longTasks.length = 0;
    commits = 0;
    const start = performance.now();
    const text = await complete('What does the river carry?');
    do await afterPaint();
    while (shown() !== text);
    const wallMs = performance.now() - start;
    keep(observer.takeRecords());
    return {
      text: shown(),
      commits,
      wallMs,
      longTasks: longTasks.length,
      longTasksMs: longTasks.reduce((sum, duration) => sum + duration, 0),
    };
  };
  return <p id="answer">{completion}</p>;
}

createRoot(document.querySelector('#root')!).render(<App />);
