import { CHARACTERS_PER_TOKEN, type Flow } from './flow-meter.ts';

const HEIGHT = 100;
/** The graph starts this wide (ms) and this high (tokens a second), and grows with the answer. */
const MIN_SPAN_MS = 8000;
const MIN_TOP = 80;

/** The rate over time, drawn as a river gauge draws the discharge. The readings below it say the same in words. */
export function Hydrograph({ flow: { samples, sampleMs, firstTokenMs } }: { flow: Flow }) {
  const first = firstTokenMs === null ? samples.length : firstTokenMs / sampleMs;
  // The stretch in which the first text came is only partly filled; the line starts at the mark with the next one.
  const rates = samples
    .slice(Math.floor(first) + 1)
    .map((characters) => (characters / CHARACTERS_PER_TOKEN / sampleMs) * 1000);
  const smooth = rates.map((_, index) => average(rates.slice(Math.max(0, index - 2), index + 1)));
  const top = Math.ceil(Math.max(MIN_TOP, ...smooth.map((rate) => rate * 1.1)) / MIN_TOP) * MIN_TOP;
  const span = Math.max(MIN_SPAN_MS / sampleMs, samples.length);
  const y = (rate: number): string => (HEIGHT * (1 - rate / top)).toFixed(1);
  const points = smooth.map((rate, index) => `${Math.floor(first) + 1.5 + index} ${y(rate)}`);
  const line = `M${first} ${HEIGHT}L${first} ${y(smooth[0] ?? 0)}L${points.join('L')}`;
  const last = Math.floor(first) + 0.5 + points.length;

  return (
    <div className="hydrograph" aria-hidden="true">
      <svg viewBox={`0 0 ${span} ${HEIGHT}`} preserveAspectRatio="none">
        {points.length > 0 && (
          <>
            <path className="hydrograph-area" d={`${line}L${last} ${HEIGHT}Z`} />
            <path className="hydrograph-line" d={line} />
          </>
        )}
        {firstTokenMs !== null && <path className="hydrograph-mark" d={`M${first} 0V${HEIGHT}`} />}
      </svg>
      <span className="hydrograph-scale">{top} tokens/s</span>
      <span className="hydrograph-span">{((span * sampleMs) / 1000).toFixed(0)} s</span>
    </div>
  );
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
