import { AbortError, LLMError } from '@rivulet/core';
import { describe, expect, it, vi } from 'vitest';
import { createTask, type Task } from '../../src/run/task.ts';

const error = new LLMError('Failed', { code: 'server' });

function begin(task: Task<string>, work: () => Promise<void>, signal?: AbortSignal) {
  const callbacks = { onDone: vi.fn(), onError: vi.fn(), onStop: vi.fn() };
  task.begin({ signal, work, ...callbacks });
  return callbacks;
}

describe('a task', () => {
  it('keeps its first end only', async () => {
    const task = createTask<string>();
    task.succeed('first');
    task.fail(error);
    task.succeed('second');
    await expect(task.result).resolves.toBe('first');
    expect(task.signal.aborted).toBe(false);
    expect(task.over.aborted).toBe(true);
  });

  it('aborts its signal with the error that it fails with', async () => {
    const task = createTask<string>();
    task.fail(error);
    await expect(task.result).rejects.toBe(error);
    expect(task.signal.reason).toBe(error);
    expect(task.over.reason).toBe(error);
  });

  it('starts no work after its signal has aborted', () => {
    const work = vi.fn(async () => undefined);
    const { onStop } = begin(createTask(), work, AbortSignal.abort('reason'));
    expect(onStop).toHaveBeenCalledExactlyOnceWith('reason');
    expect(work).not.toHaveBeenCalled();
  });

  it('stops listening to its signal when it ends', () => {
    const controller = new AbortController();
    const task = createTask<string>();
    const { onStop } = begin(task, () => new Promise(() => undefined), controller.signal);
    task.succeed('done');
    controller.abort();
    expect(onStop).not.toHaveBeenCalled();
  });

  it('reports a rejection that its signal caused as a stop', async () => {
    const controller = new AbortController();
    const task = createTask<string>();
    // A listener that was added before that of the task.
    const rejected = new Promise<void>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
    const { onStop, onError } = begin(task, () => rejected, controller.signal);
    controller.abort('reason');
    await vi.waitFor(() => expect(onStop).toHaveBeenCalledWith('reason'));
    await Promise.resolve();
    expect(onError).not.toHaveBeenCalled();
  });

  it('reports what its work throws', async () => {
    const thrown = new AbortError('by itself');
    const { onError } = begin(createTask(), () => Promise.reject(thrown));
    await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(thrown));
  });
});
