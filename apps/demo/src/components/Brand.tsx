import './Brand.css';

export function Brand() {
  return (
    <a className="brand" href="#/">
      <svg viewBox="0 0 20 28" aria-hidden="true">
        <path d="M14 2c0 6.5-10 5.5-10 12s12 5.5 12 12" />
      </svg>
      Rivulet
    </a>
  );
}
