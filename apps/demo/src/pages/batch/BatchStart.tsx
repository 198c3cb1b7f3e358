import type { Mode } from '../../../shared/llm-endpoint.ts';
import { SAMPLE } from './sample.ts';
import '../../components/Start.css';
import '../../components/Composer.css';
import './BatchStart.css';

interface BatchStartProps {
  mode: Mode;
  onSample: () => void;
  onFaults: () => void;
}

/** What is shown before the first batch: what the page does, and one click that does it. */
export function BatchStart({ mode, onSample, onFaults }: BatchStartProps) {
  return (
    <section className="start start-first" aria-labelledby="start-heading">
      <h2 id="start-heading">One prompt, many rows</h2>
      <p>
        Paste lines or drop a CSV file, write the prompt once, and watch the answers come. Rows that fail say why, and
        only they are asked for again.
      </p>
      <div className="batch-start-tries">
        <button type="button" className="composer-submit" data-action="send" onClick={onSample}>
          <span aria-hidden="true" className="composer-icon" />
          Try it with {SAMPLE.rows.length} product reviews
        </button>
        {mode !== 'provider' && (
          <button type="button" className="button-quiet" onClick={onFaults}>
            Or watch rows fail
          </button>
        )}
      </div>
      <svg className="start-courses" viewBox="0 0 800 300" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        {COURSES.map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
    </section>
  );
}

/** Many courses that run side by side and become one; the middle one is drawn over the others. */
const COURSES = [0, 1, 2, 3, 5, 6, 7, 8, 4].map((index) => {
  const y = 18 + index * 33;
  const swing = index % 2 === 0 ? 16 : -16;
  return `M-10 ${y}C60 ${y + swing} 110 ${y - swing} 180 ${y}S470 150 620 150S760 141 810 146`;
});
