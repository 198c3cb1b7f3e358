/** Lets the page paint and handle input: it waits for a task of its own, which a promise alone does not. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // Setting the handler is what opens the port.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
