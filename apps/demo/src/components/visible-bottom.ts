/** Where the window ends for what is read, in pixels from its top: below that, a dock covers it. */
export function visibleBottom(): number {
  // A dock at the side begins at the top, and covers nothing.
  return document.querySelector('.run-drawer')?.getBoundingClientRect().top || innerHeight;
}
