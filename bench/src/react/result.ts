/** What the page can tell about itself. Times in ms. */
export interface PageResult {
  readonly text: string;
  readonly commits: number;
  readonly wallMs: number;
  readonly longTasks: number;
  readonly longTasksMs: number;
}

declare global {
  interface Window {
    /** Asks for the completion and resolves once all of it was painted. */
    complete(): Promise<PageResult>;
  }
}
