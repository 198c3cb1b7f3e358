import { runFrom, type RunSnapshot, type StreamEvent } from '@rivulet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, text } from '../support/chat-completions.ts';
import { clientOf, clientReading, failureOf, settled, streamOf, writable } from '../support/client.ts';

afterEach(() => vi.useRealTimers());

describe('the snapshot of a run', () => {
  it('is submitted, streaming, ready', async () => {
    const { stream, write, end } = writable<StreamEvent>();
    const run = runFrom(stream);
    expect(run.getSnapshot()).toMatchObject({ id: run.id, status: 'submitted', text: '', reasoning: '' });
    expect(run.getSnapshot().message).toMatchObject({ role: 'assistant', parts: [] });

    write({ type: 'start', model: 'model-1' });
    write({ type: 'step' });
    write({ type: 'metadata', metadata: { author: 'Ada' } });
    write({ type: 'usage', usage: { inputTokens: 1, raw: {} } });
    await settled();
    expect(run.getSnapshot().status).toBe('submitted');

    write({ type: 'text', delta: 'Hello' });
    await settled();
    expect(run.getSnapshot()).toMatchObject({ status: 'streaming', text: 'Hello' });
    expect(run.getSnapshot().finishReason).toBeUndefined();

    write({ type: 'usage', usage: { outputTokens: 1, raw: {} } });
    write({ type: 'finish', reason: 'length' });
    end();
    await settled();
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', finishReason: 'length', usage: { outputTokens: 1 } });
    expect(run.getSnapshot().error).toBeUndefined();
  });

  it('tells a listener of each status, in order', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: text('Hel') }, { gate: 'rest', text: answer('lo') }],
    });
    const run = clientOf(server.url).stream('hello');
    const seen: string[] = [run.getSnapshot().status];
    run.subscribe(() => {
      const { status } = run.getSnapshot();
      if (seen.at(-1) !== status) seen.push(status);
      if (status === 'streaming') server.release('rest');
    });

    await run.result;

    expect(seen).toEqual(['submitted', 'streaming', 'ready']);
  });

  it('of a failed run has the error, and what came', async () => {
    const run = clientReading([text('Hello')]).stream('hello');
    const error = await failureOf(run.result);

    expect(run.getSnapshot()).toMatchObject({ status: 'error', text: 'Hello' });
    expect(run.getSnapshot().error).toBe(error);
    expect(run.getSnapshot().finishReason).toBeUndefined();
  });

  it('is the same as long as nothing happens', async () => {
    const { stream, write } = writable<string>();
    const run = runFrom(stream);
    expect(run.getSnapshot()).toBe(run.getSnapshot());

    write('Hello');
    await settled();
    const before = run.getSnapshot();

    expect(run.getSnapshot()).toBe(before);
    write(' world');
    await settled();
    expect(run.getSnapshot()).not.toBe(before);
    expect(before.text).toBe('Hello');
  });

  it('has the final one before the result resolves', async () => {
    const run = runFrom(streamOf(['Hello']));
    let last: RunSnapshot | undefined;
    run.subscribe(() => {
      last = run.getSnapshot();
    });

    await run.result;

    expect(last?.status).toBe('ready');
  });

  it('keeps the identity of parts that have settled, and never changes one that was given', async () => {
    const { stream, write, end } = writable<StreamEvent>();
    const run = runFrom(stream);
    const snapshots: RunSnapshot[] = [];
    const copies: string[] = [];
    const steps: StreamEvent[] = [
      { type: 'reasoning', index: 0, delta: 'Hm.' },
      { type: 'text', index: 1, delta: 'Hel' },
      { type: 'text', index: 1, delta: 'lo' },
      { type: 'tool-call-start', index: 2, id: 'call_1', name: 'clock' },
      { type: 'tool-call-delta', index: 2, delta: '{}' },
      { type: 'tool-call', index: 2, toolCall: { id: 'call_1', name: 'clock', rawInput: '{}', input: {} } },
      { type: 'source', url: 'https://example.com' },
      { type: 'text', index: 4, delta: '!' },
    ];
    for (const step of steps) {
      write(step);
      await settled();
      snapshots.push(run.getSnapshot());
      copies.push(JSON.stringify(run.getSnapshot()));
    }
    write({ type: 'finish', reason: 'stop' });
    end();
    const { message } = await run.result;

    const part = (snapshot: number, at: number): unknown => snapshots[snapshot]?.message.parts[at];
    expect(part(1, 0)).toBe(part(0, 0));
    expect(part(7, 0)).toBe(part(0, 0));
    expect(part(2, 1)).not.toBe(part(1, 1));
    expect(part(7, 1)).toBe(part(2, 1));
    expect(part(4, 2)).not.toBe(part(3, 2));
    expect(part(5, 2)).not.toBe(part(4, 2));
    expect(part(7, 2)).toBe(part(5, 2));
    expect(part(7, 3)).toBe(part(6, 3));
    expect(snapshots[1]?.message).not.toBe(snapshots[0]?.message);
    expect(message.parts[0]).toBe(part(0, 0));
    expect(message).toBe(snapshots[7]?.message);
    expect(snapshots.map((snapshot) => JSON.stringify(snapshot))).toEqual(copies);
  });

  it('keeps its message when only counts come', async () => {
    const { stream, write } = writable<StreamEvent>();
    const run = runFrom(stream);
    write({ type: 'text', delta: 'Hello' });
    await settled();
    const { message } = run.getSnapshot();

    write({ type: 'usage', usage: { outputTokens: 1, raw: {} } });
    await settled();

    expect(run.getSnapshot().usage).toMatchObject({ outputTokens: 1 });
    expect(run.getSnapshot().message).toBe(message);
  });

  it('has ids that no other run has', () => {
    const runs = Array.from({ length: 100 }, () => runFrom(writable<string>().stream));
    const ids = runs.flatMap((run) => [run.id, run.getSnapshot().message.id]);

    expect(new Set(ids).size).toBe(200);
    for (const run of runs) run.abort();
  });
});

describe('a listener', () => {
  it('that throws stops neither the run nor the other listeners, and its error is not hidden', async () => {
    const hidden = process.listeners('uncaughtException');
    const rejections = process.listeners('unhandledRejection');
    const thrown: unknown[] = [];
    const listen = (error: unknown): void => void thrown.push(error);
    process.removeAllListeners('uncaughtException').on('uncaughtException', listen);
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen);
    try {
      const run = runFrom(streamOf(['Hello']));
      const bug = new Error('A bug in a listener');
      const calls: string[] = [];
      run.subscribe(() => {
        throw bug;
      });
      run.subscribe(() => calls.push(run.getSnapshot().status));

      expect((await run.result).text).toBe('Hello');
      await settled();

      expect(calls.at(-1)).toBe('ready');
      expect(thrown.length).toBeGreaterThan(0);
      expect(new Set(thrown)).toEqual(new Set([bug]));
    } finally {
      process.removeAllListeners('uncaughtException').removeAllListeners('unhandledRejection');
      for (const listener of hidden) process.on('uncaughtException', listener);
      for (const listener of rejections) process.on('unhandledRejection', listener);
    }
  });

  it('may stop the run', async () => {
    const { stream, write } = writable<string>();
    const run = runFrom(stream);
    const seen: string[] = [];
    run.subscribe(() => {
      seen.push(run.getSnapshot().status);
      run.abort();
    });
    run.subscribe(() => seen.push(run.getSnapshot().status));
    write('Hello');

    await expect(run.result).rejects.toMatchObject({ name: 'AbortError', partial: { text: 'Hello' } });

    expect(seen[0]).toBe('streaming');
    expect(seen.at(-1)).toBe('ready');
  });

  it('that has unsubscribed hears nothing more', async () => {
    const { stream, write, end } = writable<string>();
    const run = runFrom(stream);
    let calls = 0;
    const unsubscribe = run.subscribe(() => {
      calls += 1;
    });
    write('Hello');
    await settled();
    unsubscribe();
    const before = calls;
    write(' world');
    end();
    await run.result;
    await settled();

    expect(before).toBeGreaterThan(0);
    expect(calls).toBe(before);
  });
});
