/** How long to work before the page gets a turn, in ms. */
const SLICE_MS = 8;

/** Waits for a task of its own, which a promise alone does not, so that the page can paint and handle input. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    // Absent in jsdom and in engines outside of browsers.
    if (!globalThis.MessageChannel) {
      setTimeout(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    // Setting the handler is what opens the port.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(0);
  });
}

/** To be asked after each piece of work: a promise to wait for when it is the page's turn. */
export type PageTurn = () => Promise<void> | undefined;

export function createPageTurns(): PageTurn {
  let last = performance.now();
  return () => {
    if (performance.now() - last < SLICE_MS) return undefined;
    return nextTask().then(() => void (last = performance.now()));
  };
}
