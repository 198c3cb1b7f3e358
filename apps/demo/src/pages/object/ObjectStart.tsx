import '../../components/Start.css';

/** What is shown before the first object. */
export function ObjectStart() {
  return (
    <section className="start start-first" aria-labelledby="start-heading">
      <h2 id="start-heading">An object, while it is written</h2>
      <p>
        Send the recipe as it stands, or take another sample. Each value appears as it comes, and is marked until it is
        complete. The object counts as final only when the JSON closed, the end of the answer was seen and the schema
        accepted it.
      </p>
      <svg className="start-courses" viewBox="0 0 800 300" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        {COURSES.map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
    </section>
  );
}

/** One course that parts, and parts again; the widest is drawn last. */
const COURSES = [
  ...[24, 62, 100, 138, 176, 214, 252, 284].map((y, index) => {
    const fork = 46 + Math.floor(index / 2) * 70;
    return `M440 ${fork}C520 ${fork} 560 ${y} 640 ${y}H820`;
  }),
  ...[46, 116, 186, 256].map((y) => `M190 150C290 150 340 ${y} 440 ${y}`),
  'M-10 150H192',
];
