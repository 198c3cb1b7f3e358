export const SUBMIT_ID = 'chat-submit';

/** The button that was pressed goes; the one that stops what it started is there. */
export function focusSubmit(): void {
  document.getElementById(SUBMIT_ID)?.focus({ preventScroll: true });
}
