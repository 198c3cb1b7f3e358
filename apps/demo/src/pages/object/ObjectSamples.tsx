import { memo } from 'react';
import { SAMPLES, type Sample } from './samples.ts';
import '../../components/Suggestions.css';

export const ObjectSamples = memo(function ObjectSamples({ onChoose }: { onChoose: (sample: Sample) => void }) {
  return (
    <section className="suggestions" aria-labelledby="samples-heading">
      <h2 id="samples-heading">Try one of these</h2>
      <ul>
        {SAMPLES.map((sample) => (
          <li key={sample.label}>
            <button type="button" onClick={() => onChoose(sample)}>
              {sample.label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
});
