import type { MouseEvent, ReactNode } from 'react';
import './SubmitButton.css';

interface SubmitButtonProps {
  id: string;
  isLoading: boolean;
  /** Where the button is not within it. Default: the form around it. */
  form?: string;
  /** What it says when nothing is under way. */
  children?: ReactNode;
}

/** Sends, and stops what was asked for: one button for both, so that the focus stays where it is. */
export function SubmitButton({ id, isLoading, form, children = 'Send' }: SubmitButtonProps) {
  return (
    <button
      id={id}
      type="submit"
      form={form}
      className="composer-submit"
      data-action={isLoading ? 'stop' : 'send'}
      onClick={ignoreSecondClick}
    >
      <span aria-hidden="true" className="composer-icon" />
      {isLoading ? 'Stop' : children}
    </button>
  );
}

/** The second click of a double click on Send would hit Stop. */
function ignoreSecondClick(event: MouseEvent): void {
  if (event.detail > 1) event.preventDefault();
}
