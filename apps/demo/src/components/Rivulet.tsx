import './Rivulet.css';

/** Runs beside a text while tokens come, and rests when they have. */
export function Rivulet({ isFlowing }: { isFlowing: boolean }) {
  return <div className="rivulet" data-flowing={isFlowing} aria-hidden="true" />;
}
