import '../../components/Start.css';
import './EmptyState.css';

export function EmptyState() {
  return (
    <section className="start empty-state" aria-labelledby="empty-heading">
      <h2 id="empty-heading">Nothing flows yet</h2>
      <p>Write a prompt, or take one of the suggestions. The answer appears here, word for word as it arrives.</p>
      <svg viewBox="0 0 800 320" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        {CONTOURS_PX.map((distance) => (
          <g key={distance}>
            <path d={RIVER} className="empty-contour" strokeWidth={2 * distance + 2.5} />
            <path d={RIVER} className="empty-ground" strokeWidth={2 * distance} />
          </g>
        ))}
        <path d={RIVER} className="empty-river" />
      </svg>
    </section>
  );
}

/** Distances of the contour lines from the river, the widest first: each covers the inside of the one before. */
const CONTOURS_PX = [132, 104, 80, 60, 43, 29, 18];

const RIVER = course();

/** A sine-generated curve (Langbein and Leopold, 1966): along a river, the direction swings like a sine. */
function course(): string {
  const bends = 3.5;
  const steps = 320;
  const points: [number, number][] = [[0, 0]];
  for (let step = 0, x = 0, y = 0; step < steps; step += 1) {
    const along = (step + 0.5) / steps;
    // No two bends of a river are alike.
    const swing = 1.6 + 0.35 * Math.sin(along * 9 + 1);
    const direction = swing * Math.cos(2 * Math.PI * bends * along);
    x += Math.cos(direction);
    y += Math.sin(direction);
    points.push([x, y]);
  }
  const scale = 900 / (points.at(-1)?.[0] ?? 1);
  return `M${points.map(([x, y]) => `${(x * scale - 50).toFixed(1)} ${(185 + y * scale * 0.6).toFixed(1)}`).join('L')}`;
}
