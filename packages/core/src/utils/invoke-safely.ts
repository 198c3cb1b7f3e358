/** Calls a callback of the app. An error that it throws, or rejects with, is reported as an unhandled rejection. */
export function invokeSafely(callback: () => unknown): void {
  void (async () => callback())();
}
