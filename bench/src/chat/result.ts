/** What stands before the answer, and in it before its text. */
export interface ChatCase {
  /** Earlier messages, all of them settled. */
  readonly messages: number;
  /** Tools that the answer has carried out before it goes on with text. */
  readonly tools: number;
}

/** What the page can tell about one answer. */
export interface ChatResult {
  readonly text: string;
  readonly commits: number;
  /** Renders of the memoised component of a message that was settled before. */
  readonly settledRenders: number;
  /** Renders of the memoised component of a part of the answer that was finished before the text began. */
  readonly finishedPartRenders: number;
}

declare global {
  interface Window {
    /** Asks for the answer and resolves once all of it was painted. */
    ask(): Promise<ChatResult>;
  }
}
