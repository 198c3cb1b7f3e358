import { isAbortError, type Run } from '@rivulet/core';
import { useStore } from '@rivulet/react';
import { completionMutationOptions } from '@rivulet/react/query';
import { dehydrate, onlineManager, useIsMutating, useMutation, useMutationState } from '@tanstack/react-query';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useMemo, useState, type ReactElement } from 'react';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { inStrictMode, queryClientOf } from './support/query-client.tsx';

failOnConsoleErrors();

test('each mutate asks, shows what comes by its run, and ends with the answer', async () => {
  const url = await serve([
    { chunks: [{ text: text('One ') }, { text: text('two') + END, gate: 'rest' }] },
    { chunks: [{ text: says('Again') }] },
  ]);
  const client = clientOf(url);
  function Page(): ReactElement {
    const [run, setRun] = useState<Run>();
    const { mutate, data, isPending } = useMutation(completionMutationOptions(client, { onRun: setRun }));
    const soFar = useStore(run);
    const isBusy = useIsMutating({ mutationKey: ['rivulet', 'completion'] }) > 0;
    return (
      <>
        <button onClick={() => mutate('hello')}>Ask</button>
        <output aria-busy={isBusy}>{isPending ? soFar?.text : data?.text}</output>
      </>
    );
  }
  render(<Page />, inStrictMode(queryClientOf()));
  const output = screen.getByRole('status');
  await userEvent.click(screen.getByText('Ask'));
  await waitFor(() => expect(output.textContent).toBe('One '));
  expect(output.getAttribute('aria-busy')).toBe('true');
  await commands.release(url, 'rest');
  await waitFor(() => expect(output.textContent).toBe('One two'));
  await waitFor(() => expect(output.getAttribute('aria-busy')).toBe('false'));
  await userEvent.click(screen.getByText('Ask'));
  await waitFor(() => expect(output.textContent).toBe('Again'));
  expect(await commands.requests(url)).toHaveLength(2);
});

test('the run stops the mutation, whose error has what was received', async () => {
  const { client, calls } = scriptedClient();
  const runs: Run[] = [];
  const { result } = renderHook(() => {
    const options = useMemo(() => completionMutationOptions(client, { onRun: (run) => runs.push(run) }), []);
    return useMutation(options);
  }, inStrictMode(queryClientOf()));
  act(() => result.current.mutate({ prompt: 'hello', maxTokens: 5 }));
  await waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.request).toMatchObject({ maxTokens: 5 });
  calls[0]!.text('One ');
  await waitFor(() => expect(runs[0]!.getSnapshot().text).toBe('One '));
  act(() => runs[0]!.abort());
  await waitFor(() => expect(result.current.status).toBe('error'));
  expect(isAbortError(result.current.error)).toBe(true);
  expect(result.current.error?.partial?.text).toBe('One ');
  expect(calls[0]!.signal.aborted).toBe(true);
});

test('a mutation retries as the client does, whatever the default of the mutations', async () => {
  const url = await serve({ status: 503, headers: { 'retry-after-ms': '1' } });
  const client = clientOf(url, { retry: { maxRetries: 1 } });
  const { result } = renderHook(
    () => useMutation(completionMutationOptions(client, { headers: { 'x-tenant': 'seven' } })),
    inStrictMode(queryClientOf({ mutations: { retry: 3, retryDelay: 0 } })),
  );
  act(() => result.current.mutate('hello'));
  await waitFor(() => expect(result.current.error).toMatchObject({ status: 503 }));
  expect(await commands.requests(url)).toMatchObject([
    { headers: { 'x-tenant': 'seven' } },
    { headers: { 'x-tenant': 'seven' } },
  ]);
});

test('what is asked while offline is not kept for later, so no persister stores the prompt', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const { result } = renderHook(() => useMutation(completionMutationOptions(client)), inStrictMode(queryClient));
  onTestFinished(() => onlineManager.setOnline(true));
  onlineManager.setOnline(false);
  act(() => result.current.mutate('a secret'));
  await waitFor(() => expect(calls).toHaveLength(1));
  expect(result.current.isPaused).toBe(false);
  expect(JSON.stringify(dehydrate(queryClient))).not.toContain('secret');
});

test('answers can be read where they were not asked for, and serial ones wait for each other', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => ({
      ask: useMutation({ ...completionMutationOptions(client), scope: { id: 'one at a time' } }),
      texts: useMutationState({
        filters: { mutationKey: ['rivulet', 'completion'], status: 'success' },
        select: ({ state }) => (state.data as { text: string }).text,
      }),
    }),
    inStrictMode(queryClientOf()),
  );
  act(() => {
    result.current.ask.mutate('first');
    result.current.ask.mutate('second');
  });
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One');
  calls[0]!.finish();
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('Two');
  calls[1]!.finish();
  await waitFor(() => expect(result.current.texts).toEqual(['One', 'Two']));
});
