import { memoryCheckpoints, type BatchResult, type Completion, type LLMClient } from '@rivulet/core';
import { useBatch, type UseBatchOptions, type UseBatchResult } from '@rivulet/react';
import { act, render, renderHook, screen, waitFor, type RenderHookResult } from '@testing-library/react';
import * as React from 'react';
import { StrictMode, useEffect, type ReactElement, type ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, says, serve } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask, microtasks } from '../support/turns.ts';

failOnConsoleErrors();

function renderBatch(
  client: LLMClient,
  initialProps: UseBatchOptions = {},
): RenderHookResult<UseBatchResult, UseBatchOptions> {
  return renderHook((options: UseBatchOptions) => useBatch({ client, ...options }), { initialProps });
}

/** The texts of the results, by index. */
function texts({ results }: Pick<UseBatchResult, 'results'>): (string | undefined)[] {
  return results.map((result) => (result?.status === 'fulfilled' ? result.value.text : result?.status));
}

const NO = { status: 500, chunks: [{ text: 'no' }] };
const answer = (content: string): { chunks: { text: string }[] } => ({ chunks: [{ text: says(content) }] });

test('before the first batch it is ready and empty', () => {
  const { result } = renderBatch(scriptedClient().client);
  expect(result.current).toMatchObject({ results: [], status: 'ready', error: undefined });
  expect(result.current.progress).toEqual({
    done: 0,
    failed: 0,
    unsent: 0,
    running: 0,
    waiting: 0,
    total: 0,
    rate: 0,
    pausedUntilMs: undefined,
  });
});

test('shows the results as they come, each in its place', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<(results: readonly BatchResult<Completion>[]) => void>();
  const { result } = renderBatch(client, { onFinish });
  const { run } = result.current;
  let all: ReturnType<typeof run> | undefined;
  act(() => {
    all = run(['a', { prompt: 'b' }, 'c']);
  });
  expect(result.current).toMatchObject({ status: 'submitted', progress: { done: 0, total: 3 } });
  expect(texts(result.current)).toEqual([undefined, undefined, undefined]);
  await waitFor(() => expect(calls).toHaveLength(3));

  calls[2]!.text('C');
  calls[2]!.finish();
  await waitFor(() => expect(texts(result.current)).toEqual([undefined, undefined, 'C']));
  expect(result.current).toMatchObject({ status: 'streaming', progress: { done: 1, failed: 0, total: 3 } });
  const before = result.current.results;

  for (const [index, text] of ['A', 'B'].entries()) {
    calls[index]!.text(text);
    calls[index]!.finish();
  }
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(texts(result.current)).toEqual(['A', 'B', 'C']);
  expect(result.current.progress).toMatchObject({ done: 3, failed: 0, total: 3 });
  expect(result.current.results).not.toBe(before);
  expect(result.current.results[2]).toBe(before[2]);
  await expect(all).resolves.toEqual(result.current.results);
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(result.current.results);
  expect(result.current.run).toBe(run);
});

test('what failed is asked for again, and nothing else', async () => {
  const url = await serve([answer('A'), NO, answer('C'), NO, answer('B'), answer('D')]);
  const onError = vi.fn<(error: Error) => void>();
  const { result } = renderBatch(clientOf(url), { concurrency: 1, onError });
  await act(() => result.current.run(['a', 'b', 'c', 'd']));
  expect(texts(result.current)).toEqual(['A', 'rejected', 'C', 'rejected']);
  expect(result.current).toMatchObject({ status: 'ready', error: undefined, progress: { done: 4, failed: 2 } });
  expect(result.current.results[1]).toMatchObject({ error: { code: 'server' } });
  const before = result.current.results;

  let again: Promise<unknown> | undefined;
  act(() => {
    again = result.current.retryFailed();
  });
  expect(result.current).toMatchObject({ status: 'submitted', progress: { done: 2, failed: 0, total: 4 } });
  expect(result.current.results).toEqual(before);
  await act(async () => void (await again));
  expect(texts(result.current)).toEqual(['A', 'B', 'C', 'D']);
  expect(result.current.results.map((ended) => ended?.index)).toEqual([0, 1, 2, 3]);
  expect(result.current.results[0]).toBe(before[0]);
  expect(result.current).toMatchObject({ status: 'ready', progress: { done: 4, failed: 0, total: 4 } });
  await expect(result.current.retryFailed()).resolves.toBeNull();
  const prompts = (await commands.requests(url)).map(({ body }) => /"content":"(.)"/.exec(body)?.[1]);
  expect(prompts).toEqual(['a', 'b', 'c', 'd', 'b', 'd']);
  expect(onError).not.toHaveBeenCalled();
});

test('stop keeps what is there, and calls nobody', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<() => void>();
  const onError = vi.fn<() => void>();
  const { result } = renderBatch(client, { concurrency: 2, onFinish, onError });
  const all = result.current.run(['a', 'b', 'c']);
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[0]!.text('A');
  calls[0]!.finish();
  await waitFor(() => expect(texts(result.current)).toEqual(['A', undefined, undefined]));
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'ready', error: undefined, progress: { done: 1, total: 3 } });
  expect(texts(result.current)).toEqual(['A', undefined, undefined]);
  await expect(all).resolves.toBeNull();
  expect(calls.slice(1).every(({ signal }) => signal.aborted)).toBe(true);
  expect(onFinish).not.toHaveBeenCalled();
  expect(onError).not.toHaveBeenCalled();
});

test('a retry that is stopped keeps the failures, which can be retried again', async () => {
  const url = await serve([NO, NO, answer('A'), { chunks: [], end: 'hang' }, answer('B')]);
  const { result } = renderBatch(clientOf(url), { concurrency: 1 });
  await act(() => result.current.run(['a', 'b']));
  act(() => void result.current.retryFailed());
  await expect(result.current.retryFailed()).resolves.toBeNull();
  await waitFor(() => expect(texts(result.current)).toEqual(['A', 'rejected']));
  await expect.poll(() => commands.requests(url)).toHaveLength(4);
  expect(result.current).toMatchObject({ status: 'streaming', progress: { done: 1, failed: 0, total: 2 } });
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'ready', progress: { done: 2, failed: 1, total: 2 } });
  await act(() => result.current.retryFailed());
  expect(texts(result.current)).toEqual(['A', 'B']);
});

test('a new batch aborts the one before', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<() => void>();
  const { result } = renderBatch(client, { onFinish });
  const first = result.current.run(['a', 'b']);
  await waitFor(() => expect(calls).toHaveLength(2));
  act(() => void result.current.run(['c']));
  await expect(first).resolves.toBeNull();
  expect(calls.slice(0, 2).every(({ signal }) => signal.aborted)).toBe(true);
  await waitFor(() => expect(calls).toHaveLength(3));
  calls[2]!.text('C');
  calls[2]!.finish();
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(texts(result.current)).toEqual(['C']);
  expect(onFinish).toHaveBeenCalledOnce();
});

test('reset goes back to the state before the first batch', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderBatch(client);
  const before = result.current;
  act(() => void result.current.run(['a']));
  await waitFor(() => expect(calls).toHaveLength(1));
  act(() => result.current.reset());
  expect(result.current).toEqual(before);
  expect(calls[0]!.signal.aborted).toBe(true);
});

test('a batch that cannot be made, or not go on, is an error', async () => {
  const url = await serve(answer('A'));
  const onError = vi.fn<(error: Error) => void>();
  const { result, rerender } = renderBatch(clientOf(url), { concurrency: 0, onError });
  await expect(act(() => result.current.run(['a']))).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'error', error: { code: 'config' } });
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);

  const checkpoints = {
    ...memoryCheckpoints(),
    set(): void {
      throw new Error('full');
    },
  };
  rerender({ checkpoints, onError });
  await expect(act(() => result.current.run(['a']))).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'error', error: { name: 'BatchError' } });
  expect(onError).toHaveBeenCalledTimes(2);

  rerender({ checkpoints, onError, onCheckpointError: () => undefined });
  await act(() => result.current.run(['a']));
  expect(result.current).toMatchObject({ status: 'ready', error: undefined });
});

test('in StrictMode each request is sent once', async () => {
  const { client, calls } = scriptedClient();
  let isAsked = false;
  function Page(): ReactElement {
    const { run, results } = useBatch({ client });
    useEffect(() => {
      if (isAsked) return;
      isAsked = true;
      void run(['a', 'b']);
    }, [run]);
    return <output>{texts({ results }).join()}</output>;
  }
  render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await waitFor(() => expect(calls).toHaveLength(2));
  await macrotask();
  for (const { text, finish } of calls) {
    text('yes');
    finish();
  }
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('yes,yes'));
  expect(calls).toHaveLength(2);
});

test('the unmount aborts a macrotask later, and not sooner', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderBatch(client);
  const { run, stop } = result.current;
  const all = run(['a']);
  await waitFor(() => expect(calls).toHaveLength(1));
  unmount();
  await microtasks();
  expect(calls[0]!.signal.aborted).toBe(false);
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  await expect(all).resolves.toBeNull();
  await expect(run(['b'])).resolves.toBeNull();
  stop();
  expect(calls).toHaveLength(1);
});

// React 18 has no Activity.
const Activity = 'Activity' in React ? React.Activity : undefined;

test.skipIf(!Activity)('what is started while hidden is aborted a macrotask later', async () => {
  const { client, calls } = scriptedClient();
  let run: UseBatchResult['run'] | undefined;
  function Page(): ReactElement {
    const { status, ...batch } = useBatch({ client });
    useEffect(() => {
      run = batch.run;
    }, [batch.run]);
    return <output>{status}</output>;
  }
  const page = (mode: 'hidden' | 'visible'): ReactNode =>
    Activity && (
      <Activity mode={mode}>
        <Page />
      </Activity>
    );
  const { rerender } = render(page('visible'));
  rerender(page('hidden'));
  await macrotask();
  const all = run?.(['a']);
  await microtasks();
  expect(calls).toHaveLength(1);
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  await expect(all).resolves.toBeNull();
  rerender(page('visible'));
  expect(screen.getByRole('status').textContent).toBe('ready');
});

test('renders neither for each token nor for each result', async () => {
  const { client, calls } = scriptedClient();
  let renders = 0;
  const { result } = renderHook(() => {
    renders += 1;
    return useBatch({ client, concurrency: 100 });
  });
  act(() => void result.current.run(Array.from({ length: 100 }, (_, index) => `item ${index}`)));
  await waitFor(() => expect(calls).toHaveLength(100));
  const before = renders;
  for (let turn = 0; turn < 20; turn++) {
    for (const call of calls) call.text('token ');
    await macrotask();
  }
  expect(renders).toBe(before);
  for (const call of calls) call.finish();
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(result.current.progress).toMatchObject({ done: 100, failed: 0, total: 100 });
  expect(renders - before).toBeLessThan(20);
});

test('requests that were left unsent are counted as such, and retryFailed sends them', async () => {
  const url = await serve([
    answer('A'),
    { status: 401, chunks: [{ text: '{}' }] },
    answer('B'),
    answer('C'),
    answer('D'),
  ]);
  const { result } = renderBatch(clientOf(url), { concurrency: 1 });
  await act(() => result.current.run(['a', 'b', 'c', 'd']));
  expect(texts(result.current)).toEqual(['A', 'rejected', 'rejected', 'rejected']);
  expect(result.current.progress).toMatchObject({ done: 2, failed: 1, unsent: 2, running: 0, waiting: 0, total: 4 });
  expect(result.current.results.slice(1)).toMatchObject([
    { error: { code: 'authentication' } },
    { isUnsent: true, error: { code: 'authentication' } },
    { isUnsent: true, error: { code: 'authentication' } },
  ]);
  const before = result.current.results[0];

  await act(() => result.current.retryFailed());
  expect(texts(result.current)).toEqual(['A', 'B', 'C', 'D']);
  expect(result.current.results[0]).toBe(before);
  expect(result.current.progress).toMatchObject({ done: 4, failed: 0, unsent: 0, total: 4 });
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['text', 'hello'],
  ['an object', { length: 1 }],
])('a run without a list of requests is an error of the hook: %s', async (_, requests) => {
  const { client, calls } = scriptedClient();
  const onError = vi.fn<(error: Error) => void>();
  const { result } = renderBatch(client, { onError });
  await expect(act(() => result.current.run(requests as string[]))).resolves.toBeNull();

  expect(result.current).toMatchObject({ status: 'error', results: [], error: { code: 'config' } });
  expect(onError).toHaveBeenCalledTimes(1);
  expect(calls).toHaveLength(0);
  await expect(act(() => result.current.retryFailed())).resolves.toBeNull();
  act(() => result.current.stop());
  act(() => result.current.reset());
  expect(result.current).toMatchObject({ status: 'ready', error: undefined });
});

test('a request that is none fails alone', async () => {
  const url = await serve([answer('A'), answer('C')]);
  const { result } = renderBatch(clientOf(url), { concurrency: 1 });
  await act(() => result.current.run(['a', undefined as unknown as string, 'c']));

  expect(texts(result.current)).toEqual(['A', 'rejected', 'C']);
  expect(result.current.results[1]).toMatchObject({ error: { code: 'invalid_request' } });
});
