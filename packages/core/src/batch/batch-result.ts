/** How one item of a batch ended. `index` counts the items in the order in which they were read. */
export type BatchResult<T> =
  | { readonly index: number; readonly status: 'fulfilled'; readonly value: T }
  | { readonly index: number; readonly status: 'rejected'; readonly error: unknown };
