/** A token bucket that holds `BURST`, and gets `PER_SECOND` more each second. Clients are not told. */
export const PER_SECOND = 200;
export const BURST = 20;
/** How long an answer takes. */
export const SERVICE_MS = 30;

/** When requests were taken and refused, by the server's clock (ms). */
export interface ServerReport {
  readonly given: readonly number[];
  readonly refused: readonly number[];
}
