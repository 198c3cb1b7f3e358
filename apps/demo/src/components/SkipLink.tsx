import type { MouseEvent } from 'react';
import './SkipLink.css';

export function SkipLink() {
  return (
    <a className="skip-link" href="#main" onClick={skip}>
      Skip to the playground
    </a>
  );
}

function skip(event: MouseEvent): void {
  // The address names the page, so the link must not change it.
  event.preventDefault();
  document.getElementById('main')?.focus();
}
