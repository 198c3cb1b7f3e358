/** After which rows are taken to be on the page, if they do not say so. */
const ROWS_MS = 100;

/**
 * Changes of rows that are not on the page yet. They render later than what a store tells: told meanwhile, the rows that
 * were there before would come again.
 */
export interface RowChanges {
  readonly isPending: boolean;
  make(change: () => void): void;
  /** They are on the page. */
  show(): void;
}

export function createRowChanges(onShown: () => void): RowChanges {
  let timer: ReturnType<typeof setTimeout> | undefined;
  function show(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    onShown();
  }
  return {
    get isPending() {
      return timer !== undefined;
    },
    make(change) {
      change();
      clearTimeout(timer);
      timer = setTimeout(show, ROWS_MS);
    },
    show,
  };
}
