import { LLMClient, LLMError, observeRuns, type RunEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { afterEach, expect, it, vi } from 'vitest';
import { isUnderWay, createRunLog, type RunLog } from '../src/runs/run-log.ts';

afterEach(() => void vi.useRealTimers());

it('keeps the runs of a client, the newest first, with their turns', async () => {
  const log = createRunLog();
  const client = new LLMClient({ provider: scripted('Hello'), observe: observeRuns(log.listen) });

  const first = client.stream('a');
  await first.result;
  const second = client.stream('b');
  await second.result;

  expect(log.getSnapshot().map(({ id }) => id)).toEqual([second.id, first.id]);
  expect(log.getSnapshot()[0]?.turns.map(({ type }) => type)).toEqual(['request', 'first-content', 'finish']);
  expect(log.getSnapshot()).toBe(log.getSnapshot());
});

it('tells its readers of turns, and of no token', async () => {
  const log = createRunLog();
  const told = vi.fn();
  log.subscribe(told);
  const pieces = Array.from({ length: 2000 }, () => 'token ');
  const client = new LLMClient({ provider: scripted(pieces), observe: observeRuns(log.listen) });

  expect((await client.complete('hello')).text).toHaveLength(12_000);
  await vi.waitFor(() => expect(log.getSnapshot()[0]?.turns).toHaveLength(3));

  expect(told.mock.calls.length).toBeLessThanOrEqual(3);
});

it('tells of a turn at once, and of a crowd of them a few times a second, the last one always', () => {
  vi.useFakeTimers();
  const log = createRunLog();
  const told = vi.fn();
  const leave = log.subscribe(told);

  for (let run = 0; run < 30; run += 1) listen(log, `run-${run}`, 'request');
  expect(told).toHaveBeenCalledTimes(1);
  expect(log.getSnapshot()).toHaveLength(1);

  vi.advanceTimersByTime(250);
  expect(told).toHaveBeenCalledTimes(2);
  expect(log.getSnapshot()).toHaveLength(30);

  vi.advanceTimersByTime(10_000);
  expect(told).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);

  leave();
  listen(log, 'run-0', 'abort');
  expect(told).toHaveBeenCalledTimes(2);
  expect(log.getSnapshot().filter(isUnderWay)).toHaveLength(29);
});

it('is bounded: the oldest that has ended goes first, and comes back with no later turn', () => {
  const log = createRunLog(3);
  listen(log, 'a', 'request');
  listen(log, 'b', 'request');
  listen(log, 'b', 'abort');
  listen(log, 'c', 'request');

  listen(log, 'd', 'request');
  expect(ids(log)).toEqual(['d', 'c', 'a']);

  listen(log, 'e', 'request');
  expect(ids(log)).toEqual(['e', 'd', 'c']);

  listen(log, 'a', 'first-content');
  listen(log, 'a', 'request', 2);
  listen(log, 'a', 'abort');
  expect(ids(log)).toEqual(['e', 'd', 'c']);
});

it('keeps a run that failed before anything was sent', async () => {
  const log = createRunLog();
  const client = new LLMClient({ provider: scripted('Hello'), observe: observeRuns(log.listen) });

  await expect(client.complete({ messages: [] })).rejects.toBeInstanceOf(LLMError);

  expect(log.getSnapshot()[0]?.turns).toMatchObject([{ type: 'error', attempt: 0, code: 'invalid_request' }]);
});

it('forgets on demand what has ended, and nothing else', () => {
  const log = createRunLog();
  listen(log, 'a', 'request');
  listen(log, 'b', 'request');
  listen(log, 'a', 'abort');

  log.clear();

  expect(ids(log)).toEqual(['b']);
});

function listen(log: RunLog, runId: string, type: 'request' | 'first-content' | 'abort', attempt = 1): void {
  const about = { runId, provider: 'any', attempt, elapsedMs: 0 };
  const event: RunEvent = type === 'abort' ? { ...about, type, length: 0 } : { ...about, type };
  log.listen(event);
}

function ids(log: RunLog): string[] {
  return log.getSnapshot().map(({ id }) => id);
}
