import type { SubscriptionName } from './subscriptions.ts';

/** What the page shows beside its input. */
export interface Scenario {
  readonly subscription: SubscriptionName;
  /** Whether tokens come at all. */
  readonly isStreaming: boolean;
  /** Whether the costly component takes the text through `useDeferredValue`. */
  readonly isDeferred: boolean;
  /** What the costly component takes to render, in ms, and over how many components that is spread. */
  readonly costMs: number;
  readonly pieces: number;
}

/** What one page measured. Times in ms. */
export interface Report {
  /** From each key press to the paint that shows it. */
  readonly latencies: readonly number[];
  /** For each painted frame, how long the oldest text that is not shown yet has been there. */
  readonly ages: readonly number[];
  /** The same for what the costly component shows. */
  readonly costlyAges: readonly number[];
  /** Frames in which two readers of the store showed different texts. */
  readonly tornFrames: number;
  /** Whether the last text was shown in the task in which the run ended. */
  readonly isShownAtEnd: boolean;
}

declare global {
  interface Window {
    /** Ends the stream and gives what was measured. */
    finish(): Promise<Report>;
  }
}
