import { afterEach, beforeEach, expect, vi, type MockInstance } from 'vitest';

/** Fails each test of the file in which React, or anybody else, complains on the console. */
export function failOnConsoleErrors(): void {
  let error: MockInstance<typeof console.error>;
  let warn: MockInstance<typeof console.warn>;
  beforeEach(() => {
    error = vi.spyOn(console, 'error');
    warn = vi.spyOn(console, 'warn');
  });
  afterEach(() => {
    const said = [...error.mock.calls, ...warn.mock.calls];
    error.mockRestore();
    warn.mockRestore();
    expect(said).toEqual([]);
  });
}
