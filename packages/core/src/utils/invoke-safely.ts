/** Calls a callback of the page: one that throws is its owner's bug, and reported as such. */
export function tell(callback: () => void): void {
  void (async () => callback())();
}
