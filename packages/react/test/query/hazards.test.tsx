// What goes wrong where the pieces of an answer are written into a query cache, shown not to happen.
import { completionQueryOptions, useCompletionQuery } from '@rivulet/react/query';
import {
  dehydrate,
  focusManager,
  hashKey,
  hydrate,
  onlineManager,
  QueryObserver,
  useSuspenseQuery,
} from '@tanstack/react-query';
import { act, render, renderHook, waitFor } from '@testing-library/react';
import { Suspense, type ReactElement } from 'react';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { inStrictMode, queryClientOf } from './support/query-client.tsx';

failOnConsoleErrors();

test('a query that is tried again after half an answer never holds that half, nor both', async () => {
  const url = await serve([
    { chunks: [{ text: text('AB') }, { gate: 'cut' }], end: 'destroy' },
    { chunks: [{ text: text('AB') }, { text: text('C') + END }] },
  ]);
  const queryClient = queryClientOf();
  const options = { ...completionQueryOptions(clientOf(url), 'hello'), retry: 1, retryDelay: 0 };
  const seen: unknown[] = [];
  queryClient.getQueryCache().subscribe(({ query }) => seen.push(query.state.data));
  const { result } = renderHook(() => useCompletionQuery(options), inStrictMode(queryClient));
  await waitFor(() => expect(result.current.partial?.text).toBe('AB'));
  await commands.release(url, 'cut');
  await waitFor(() => expect(result.current.data?.text).toBe('ABC'));
  expect(new Set(seen)).toEqual(new Set([undefined, result.current.data]));
});

test('only the client retries, whatever the default of the queries', async () => {
  const url = await serve({ status: 503, headers: { 'retry-after-ms': '1' } });
  const queryClient = queryClientOf({ queries: { retry: 3, retryDelay: 0 } });
  const client = clientOf(url, { retry: { maxRetries: 2 } });
  const options = completionQueryOptions(client, 'hello');
  const { result } = renderHook(() => useCompletionQuery(options), inStrictMode(queryClient));
  await waitFor(() => expect(result.current.error).toMatchObject({ status: 503 }));
  expect(await commands.requests(url)).toHaveLength(3);
});

test.each(['an unmount', 'cancelQueries'])('%s in the middle leaves nothing that passes for an answer', async (how) => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  const { result, unmount } = renderHook(() => useCompletionQuery(options), inStrictMode(queryClient));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('AB');
  await waitFor(() => expect(result.current.partial?.text).toBe('AB'));

  if (how === 'an unmount') unmount();
  else await act(() => queryClient.cancelQueries({ queryKey: options.queryKey }));
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(queryClient.getQueryState(options.queryKey)).toMatchObject({
    status: 'pending',
    fetchStatus: 'idle',
    data: undefined,
  });
  unmount();

  const again = renderHook(() => useCompletionQuery(options), inStrictMode(queryClient));
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('ABC');
  calls[1]!.finish();
  await waitFor(() => expect(again.result.current.data?.text).toBe('ABC'));
});

test('a dehydration in the middle has no part of the answer, and as a promise the whole of it', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  const prefetched = queryClient.prefetchQuery(options);
  calls[0]!.text('AB');
  await macrotask();
  expect(dehydrate(queryClient).queries).toEqual([]);
  const withPending = dehydrate(queryClient, { shouldDehydrateQuery: () => true });
  expect(withPending.queries).toMatchObject([{ state: { status: 'pending', data: undefined } }]);

  const page = queryClientOf();
  hydrate(page, withPending);
  const { client: unused, calls: unasked } = scriptedClient();
  const { result } = renderHook(() => useCompletionQuery(completionQueryOptions(unused, 'hello')), inStrictMode(page));
  expect(result.current.partial).toBeUndefined();
  calls[0]!.text('C');
  calls[0]!.finish();
  await prefetched;
  await waitFor(() => expect(result.current.data?.text).toBe('ABC'));
  expect(unasked).toHaveLength(0);
  expect(dehydrate(queryClient).queries).toMatchObject([{ state: { status: 'success', data: { text: 'ABC' } } }]);
});

test('focus and reconnect in the middle of an answer neither ask again nor empty it', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('AB');
  await waitFor(() => expect(result.current.partial?.text).toBe('AB'));
  onTestFinished(() => {
    focusManager.setFocused(undefined);
    onlineManager.setOnline(true);
  });
  await act(async () => {
    focusManager.setFocused(false);
    onlineManager.setOnline(false);
    calls[0]!.text('C');
    await macrotask();
    focusManager.setFocused(true);
    onlineManager.setOnline(true);
    await macrotask();
  });
  await waitFor(() => expect(result.current.partial?.text).toBe('ABC'));
  expect(calls).toHaveLength(1);
});

test('an observer that comes, goes and comes again sends one request, and aborts none', async () => {
  const url = await serve({ chunks: [{ text: says('Once'), delayMs: 20 }] });
  const queryClient = queryClientOf();
  const observer = new QueryObserver(queryClient, completionQueryOptions(clientOf(url), 'hello'));
  observer.subscribe(() => undefined)();
  observer.subscribe(() => undefined)();
  onTestFinished(observer.subscribe(() => undefined));
  await expect.poll(() => observer.getCurrentResult().data?.text).toBe('Once');
  expect(await commands.requests(url)).toMatchObject([{ finished: true, closedEarly: false }]);
});

test('two runs of one query never mix', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  const first = queryClient.fetchQuery(options);
  calls[0]!.text('0');
  calls[0]!.finish();
  await first;
  const { result } = renderHook(() => useCompletionQuery(options), inStrictMode(queryClient));
  act(() => void result.current.refetch());
  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(3));
  for (const letter of 'abc') {
    calls[1]!.text(`1${letter}`);
    calls[2]!.text(`2${letter}`);
    await macrotask();
  }
  calls[1]!.finish();
  calls[2]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('2a2b2c'));
});

test('a query that fails in the middle has no data, so it is an error of loading', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  const fetched = queryClient.fetchQuery(options);
  calls[0]!.text('AB');
  calls[0]!.cut();
  await expect(fetched).rejects.toMatchObject({ code: 'truncated', partial: { text: 'AB' } });
  expect(queryClient.getQueryState(options.queryKey)).toMatchObject({ status: 'error', data: undefined });
});

test('a hash function of the query or of the client makes no second entry, and the run is found', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf({ queries: { queryKeyHashFn: (key) => `all:${hashKey(key)}` } });
  const options = {
    ...completionQueryOptions(client, 'hello'),
    queryKeyHashFn: (key: readonly unknown[]) => `own:${hashKey(key)}`,
  };
  const { result } = renderHook(
    () => ({
      own: useCompletionQuery(options),
      all: useCompletionQuery(completionQueryOptions(client, 'bye')),
    }),
    inStrictMode(queryClient),
  );
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[0]!.text('AB');
  calls[1]!.text('CD');
  await waitFor(() => expect(result.current.own.partial?.text).toBe('AB'));
  await waitFor(() => expect(result.current.all.partial?.text).toBe('CD'));
  calls[0]!.finish();
  await waitFor(() => expect(result.current.own.data?.text).toBe('AB'));
  expect(queryClient.getQueryCache().getAll()).toHaveLength(2);
});

test('the cache is told of a query, and not of its tokens', async () => {
  async function eventsFor(tokens: number): Promise<number> {
    const { client, calls } = scriptedClient();
    const queryClient = queryClientOf();
    let events = 0;
    // What persisters and broadcasts act on; observers also tell that their options were given anew.
    queryClient.getQueryCache().subscribe(({ type }) => (events += /^(added|updated|removed)$/.test(type) ? 1 : 0));
    const { result, unmount } = renderHook(
      () => useCompletionQuery(completionQueryOptions(client, 'hello')),
      inStrictMode(queryClient),
    );
    await waitFor(() => expect(calls).toHaveLength(1));
    for (let at = 0; at < tokens; at += 1) {
      calls[0]!.text('x');
      if (at % 10 === 0) await macrotask();
    }
    calls[0]!.finish();
    await waitFor(() => expect(result.current.data?.text).toHaveLength(tokens));
    unmount();
    return events;
  }
  expect(await eventsFor(500)).toBe(await eventsFor(1));
});

test('two clients of one page share neither answers nor runs', async () => {
  const { client, calls } = scriptedClient();
  const options = completionQueryOptions(client, 'hello');
  const [ann, bob] = [queryClientOf(), queryClientOf()];
  const one = renderHook(() => useCompletionQuery(options, ann));
  const other = renderHook(() => useCompletionQuery(options, bob));
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[0]!.text('for Ann');
  await waitFor(() => expect(one.result.current.partial?.text).toBe('for Ann'));
  expect(other.result.current.partial?.text).toBe('');
  one.unmount();
  await macrotask();
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});

test('a query that is removed or reset in the middle stops its run', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const { queryKey, ...options } = completionQueryOptions(client, 'hello');
  void queryClient.prefetchQuery({ queryKey, ...options });
  queryClient.removeQueries({ queryKey });
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);

  const { result } = renderHook(() => useCompletionQuery({ queryKey, ...options }), inStrictMode(queryClient));
  await waitFor(() => expect(calls).toHaveLength(2));
  act(() => void queryClient.resetQueries({ queryKey }));
  expect(calls[1]!.signal.aborted).toBe(true);
  // The newest version has asked by itself; older ones take a static query for settled.
  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(3));
  calls[2]!.text('ABC');
  calls[2]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('ABC'));
});

test('the same options under two hash functions are two queries, and each stops its own run', async () => {
  const { client, calls } = scriptedClient();
  const options = completionQueryOptions(client, 'hello');
  const hashed = { ...options, queryKeyHashFn: (key: readonly unknown[]) => `own:${hashKey(key)}` };
  const queryClient = queryClientOf();
  const one = renderHook(() => useCompletionQuery(options, queryClient));
  const other = renderHook(() => useCompletionQuery(hashed, queryClient));
  await waitFor(() => expect(calls).toHaveLength(2));
  one.unmount();
  other.unmount();
  await macrotask();
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

test('offline nothing is asked until there is a network, unless the query says that it needs none', async () => {
  const { client, calls } = scriptedClient();
  const options = completionQueryOptions(client, 'hello');
  onTestFinished(() => onlineManager.setOnline(true));
  onlineManager.setOnline(false);
  const { result } = renderHook(() => useCompletionQuery(options), inStrictMode(queryClientOf()));
  await macrotask();
  expect(result.current).toMatchObject({ status: 'pending', fetchStatus: 'paused', partial: undefined });
  expect(calls).toHaveLength(0);
  renderHook(() => useCompletionQuery({ ...options, networkMode: 'always' }), inStrictMode(queryClientOf()));
  await waitFor(() => expect(calls).toHaveLength(1));
  act(() => onlineManager.setOnline(true));
  await waitFor(() => expect(calls).toHaveLength(2));
});

test('what nobody waits for as far as Query knows goes on to its end, and is cached', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  function Suspended(): ReactElement {
    return <p>{useSuspenseQuery(options).data.text}</p>;
  }
  const { unmount } = render(
    <Suspense>
      <Suspended />
    </Suspense>,
    inStrictMode(queryClient),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  unmount();
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(false);
  calls[0]!.text('ABC');
  calls[0]!.finish();
  await waitFor(() => expect(queryClient.getQueryData(options.queryKey)?.text).toBe('ABC'));
});
