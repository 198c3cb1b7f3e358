import type { Page } from 'playwright-core';

interface AnswerGate {
  hold: (afterBytes: number) => void;
  release: () => void;
}

declare global {
  interface Window {
    answerGate: AnswerGate;
  }
}

/**
 * Makes the answers of the page wait once this much of each was read, so that a test can act while an answer is under way,
 * however slow the machine is. A second call with a larger number lets them go on up to there. The page was opened with
 * `gateAnswers`.
 */
export async function holdAnswers(page: Page, afterBytes = 0): Promise<void> {
  await page.evaluate((bytes) => window.answerGate.hold(bytes), afterBytes);
}

/** Lets the held answers and all later ones through. */
export async function releaseAnswers(page: Page): Promise<void> {
  await page.evaluate(() => window.answerGate.release());
}

/** Runs in the page before its scripts. */
export function gateAnswers(): void {
  let limit = Number.POSITIVE_INFINITY;
  const gate = new EventTarget();
  const setLimit = (bytes: number): void => {
    limit = bytes;
    gate.dispatchEvent(new Event('change'));
  };
  window.answerGate = { hold: setLimit, release: () => setLimit(Number.POSITIVE_INFINITY) };

  const nextChange = (signal: AbortSignal | null | undefined): Promise<void> =>
    new Promise((resolve) => {
      gate.addEventListener('change', () => resolve(), { once: true });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  const holdBody = (body: ReadableStream<Uint8Array>, signal: AbortSignal | null | undefined) => {
    const reader = body.getReader();
    let count = 0;
    let unread = new Uint8Array();
    const isHeld = (): boolean => count >= limit && !signal?.aborted;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        while (isHeld()) await nextChange(signal);
        if (unread.length === 0 || signal?.aborted) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          unread = value.slice();
        }
        // The browser may read in one piece what the server sent in many.
        const part = unread.slice(0, Math.max(1, limit - count));
        unread = unread.slice(part.length);
        count += part.length;
        controller.enqueue(part);
      },
      cancel: (reason) => reader.cancel(reason),
    });
  };
  const { fetch } = window;
  window.fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (limit === Number.POSITIVE_INFINITY || init?.method !== 'POST' || !response.ok || !response.body)
      return response;
    // All else of the response stays the browser's own.
    Object.defineProperty(response, 'body', { value: holdBody(response.body, init.signal) });
    return response;
  };
}
