import type { Mode } from '../../../shared/llm-endpoint.ts';
import { SAMPLE } from './sample.ts';
import '../../components/Suggestions.css';

interface SamplesProps {
  mode: Mode;
  onSample: () => void;
  onFaults: () => void;
}

/** The samples, once there is something else in their first place. */
export function Samples({ mode, onSample, onFaults }: SamplesProps) {
  return (
    <section className="suggestions" aria-labelledby="samples-heading">
      <h2 id="samples-heading">Try one of these</h2>
      <ul>
        <li>
          <button type="button" onClick={onSample}>
            {SAMPLE.rows.length} product reviews
          </button>
        </li>
        {mode !== 'provider' && (
          <li>
            <button type="button" onClick={onFaults}>
              Rows that fail
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}
