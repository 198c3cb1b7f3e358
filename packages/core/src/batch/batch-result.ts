/** How one item of a batch ended. `index` counts the items in the order in which they were read. */
export type BatchResult<T> =
  | { readonly index: number; readonly status: 'fulfilled'; readonly value: T }
  | {
      readonly index: number;
      readonly status: 'rejected';
      readonly error: unknown;
      /** The request was not sent, because an earlier one met a failure that concerns this one too. It may be sent later. */
      readonly isUnsent?: true | undefined;
    };
