import type { MouseEvent } from 'react';
import './SubmitButton.css';

interface SubmitButtonProps {
  id: string;
  isLoading: boolean;
}

/** Sends, and stops what was asked for: one button for both, so that the focus stays where it is. */
export function SubmitButton({ id, isLoading }: SubmitButtonProps) {
  return (
    <button
      id={id}
      type="submit"
      className="composer-submit"
      data-action={isLoading ? 'stop' : 'send'}
      onClick={ignoreSecondClick}
    >
      <span aria-hidden="true" className="composer-icon" />
      {isLoading ? 'Stop' : 'Send'}
    </button>
  );
}

/** The second click of a double click on Send would hit Stop. */
function ignoreSecondClick(event: MouseEvent): void {
  if (event.detail > 1) event.preventDefault();
}
