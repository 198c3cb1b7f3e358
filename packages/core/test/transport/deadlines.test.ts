import type { TimeoutError, TimeoutOptions } from '@rivulet/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadlines, type Deadlines } from '../../src/transport/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watch(options: TimeoutOptions = {}): { deadlines: Deadlines; missed: string[] } {
  const missed: string[] = [];
  const deadlines = createDeadlines('openai', options, (error: TimeoutError) => missed.push(error.phase));
  return { deadlines, missed };
}

describe('deadlines', () => {
  it.each([
    ['headers', 60_000],
    ['firstToken', 600_000],
    ['idle', 120_000],
  ] as const)('have a default: %s after %d ms', (phase, ms) => {
    const { deadlines, missed } = watch();
    deadlines.start(phase);

    vi.advanceTimersByTime(ms - 1);
    expect(missed).toEqual([]);
    vi.advanceTimersByTime(1);

    expect(missed).toEqual([phase]);
  });

  it('have none for the whole by default, and none where they are off', () => {
    const { deadlines, missed } = watch({ headersMs: false, firstTokenMs: false, idleMs: false });
    for (const phase of ['headers', 'firstToken', 'idle', 'total'] as const) deadlines.start(phase);

    vi.advanceTimersByTime(1e7);

    expect(missed).toEqual([]);
  });

  it('are watched under one timer, the next one first, and only one is told', () => {
    const { deadlines, missed } = watch({ headersMs: 300, firstTokenMs: 100, idleMs: 200, totalMs: 150 });
    for (const phase of ['headers', 'firstToken', 'idle', 'total'] as const) deadlines.start(phase);
    expect(vi.getTimerCount()).toBe(1);

    vi.advanceTimersByTime(1000);

    expect(missed).toEqual(['firstToken']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that are stopped are not missed', () => {
    const { deadlines, missed } = watch({ headersMs: 100, idleMs: 200 });
    deadlines.start('headers');
    deadlines.start('idle');
    deadlines.stop('headers');
    vi.advanceTimersByTime(199);
    expect(missed).toEqual([]);

    deadlines.stop();
    vi.advanceTimersByTime(1000);

    expect(missed).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of the idle time are put off by bytes, which arm nothing', () => {
    const { deadlines, missed } = watch({ idleMs: 100 });
    deadlines.start('idle');
    const arm = vi.spyOn(globalThis, 'setTimeout');
    for (let at = 0; at < 9; at += 1) {
      vi.advanceTimersByTime(11);
      deadlines.touch();
    }
    expect(arm).not.toHaveBeenCalled();

    vi.advanceTimersByTime(99);
    expect(missed).toEqual([]);
    vi.advanceTimersByTime(1);

    expect(missed).toEqual(['idle']);
  });

  it('of other kinds are not put off by bytes', () => {
    const { deadlines, missed } = watch({ firstTokenMs: 100 });
    deadlines.start('firstToken');
    vi.advanceTimersByTime(99);
    deadlines.touch();
    vi.advanceTimersByTime(1);

    expect(missed).toEqual(['firstToken']);
  });

  it('of the idle time rest while the page is hidden, and begin anew when it is seen again', () => {
    const page = { hidden: true };
    vi.stubGlobal('document', page);
    const { deadlines, missed } = watch({ idleMs: 100, totalMs: 5000 });
    deadlines.start('idle');

    vi.advanceTimersByTime(1050);
    page.hidden = false;
    vi.advanceTimersByTime(49);
    expect(missed).toEqual([]);
    vi.advanceTimersByTime(101);
    expect(missed).toEqual(['idle']);

    page.hidden = true;
    deadlines.start('total');
    vi.advanceTimersByTime(5000);
    expect(missed).toEqual(['idle', 'total']);
  });

  it('for the headers rest while the page is hidden, too', () => {
    const page = { hidden: true };
    vi.stubGlobal('document', page);
    const { deadlines, missed } = watch({ headersMs: 60_000 });
    deadlines.start('headers');

    vi.advanceTimersByTime(600_000);
    expect(missed).toEqual([]);
    page.hidden = false;
    vi.advanceTimersByTime(60_000);

    expect(missed).toEqual(['headers']);
  });

  it.each(['headers', 'idle'] as const)('for %s begin anew when the page was frozen meanwhile', (phase) => {
    const { deadlines, missed } = watch({ [`${phase}Ms`]: 60_000 });
    deadlines.start(phase);
    vi.advanceTimersByTime(20_000);

    // The clock goes on, and no timer comes.
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
    vi.advanceTimersByTime(59_000);
    expect(missed).toEqual([]);
    vi.advanceTimersByTime(6000);

    expect(missed).toEqual([phase]);
    vi.restoreAllMocks();
  });
});
