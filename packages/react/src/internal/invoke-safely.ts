/** Calls back. What the callback throws, or rejects with, is reported as an unhandled rejection and changes nothing here. */
export function invokeSafely(callback: () => unknown): void {
  void (async () => callback())();
}
