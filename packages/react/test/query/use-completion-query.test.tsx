import { LLMClient, type GenerateRequest } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { completionQueryOptions, useCompletionQuery, type RunQueryConfig } from '@rivulet/react/query';
import { focusManager, onlineManager, useQueries, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { Component, Suspense, useState, type ReactElement, type ReactNode } from 'react';
import { expect, inject, onTestFinished, test } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { inStrictMode, queryClientOf } from './support/query-client.tsx';

failOnConsoleErrors();

interface ShownProps extends RunQueryConfig {
  readonly client: LLMClient;
  readonly request?: string | GenerateRequest;
  readonly label?: string;
}

/** Shows an answer as an app would: what there is of it, then all of it. */
function Shown({ client, request = 'hello', label = 'answer', ...config }: ShownProps): ReactElement {
  const { data, partial, status, isFetching, refetch, stop } = useCompletionQuery(
    completionQueryOptions(client, request, config),
  );
  const whole = isFetching ? (partial ?? data) : (data ?? partial);
  return (
    <section aria-label={label}>
      <p title={status}>{whole?.text}</p>
      <button onClick={() => void refetch()}>Again</button>
      <button onClick={stop}>Stop</button>
    </section>
  );
}

function shown(label = 'answer'): string | null | undefined {
  return screen.getByLabelText(label).querySelector('p')?.textContent;
}

/** A server that says `One `, and ` two` once it is let. */
function serveInTwo(): Promise<string> {
  return serve({ chunks: [{ text: text('One ') }, { text: text('two') + END, gate: 'rest' }] });
}

test('shows what comes, then the answer, from one request in StrictMode', async () => {
  const url = await serveInTwo();
  const queryClient = queryClientOf();
  const client = clientOf(url);
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClient),
  );
  expect(result.current).toMatchObject({ status: 'pending', data: undefined, partial: { status: 'submitted' } });
  await waitFor(() => expect(result.current.partial?.text).toBe('One '));
  expect(result.current).toMatchObject({ status: 'pending', data: undefined, partial: { status: 'streaming' } });

  await commands.release(url, 'rest');
  await waitFor(() => expect(result.current.data?.text).toBe('One two'));
  expect(result.current).toMatchObject({ status: 'success', partial: undefined, data: { finishReason: 'stop' } });
  await macrotask();
  expect(await commands.requests(url)).toMatchObject([{ finished: true, closedEarly: false }]);
});

test('between the last text and the answer no render is empty', async () => {
  const client = new LLMClient({ provider: openai({ baseURL: `${inject('modelServerUrl')}/v1` }), model: 'any' });
  const texts: (string | undefined)[] = [];
  renderHook(() => {
    const { data, partial } = useCompletionQuery(completionQueryOptions(client, 'slowly'));
    texts.push(partial?.text ?? data?.text);
  }, inStrictMode(queryClientOf()));
  await waitFor(() => expect(texts.at(-1)).toBe('One word follows another, and none of them hurries.'), {
    timeout: 10_000,
  });
  expect(new Set(texts).size).toBeGreaterThan(4);
  // Each text goes on from the one before.
  const said = texts.map((each) => each ?? '');
  expect(said.every((each, index) => each.startsWith(said[index - 1] ?? ''))).toBe(true);
});

test('components with the same key share one request, whichever hook they use, and each sees it whole', async () => {
  const url = await serveInTwo();
  const client = clientOf(url, { system: 'Be brief.' });
  const options = completionQueryOptions(client, { prompt: 'hello' });
  function Others(): ReactElement {
    const { data } = useQuery(options);
    const [first] = useQueries({ queries: [options] });
    return <output>{`${data?.text} ${first.data?.text}`}</output>;
  }
  render(
    <>
      <Shown client={client} request={{ prompt: 'hello' }} label="left" />
      <Shown client={client} request={{ system: 'Be brief.', prompt: 'hello' }} label="right" />
      <Others />
    </>,
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect([shown('left'), shown('right')]).toEqual(['One ', 'One ']));
  await commands.release(url, 'rest');
  await waitFor(() => expect([shown('left'), shown('right')]).toEqual(['One two', 'One two']));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('One two One two'));
  expect(await commands.requests(url)).toHaveLength(1);
});

test('a component that comes in the middle shows what there is, and asks nothing', async () => {
  const { client, calls } = scriptedClient();
  const { rerender } = render(<Shown client={client} label="first" />, inStrictMode(queryClientOf()));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One ');
  await waitFor(() => expect(shown('first')).toBe('One '));
  rerender(
    <>
      <Shown client={client} label="first" />
      <Shown client={client} label="second" />
    </>,
  );
  expect(shown('second')).toBe('One ');
  expect(calls).toHaveLength(1);
});

test('an answer that is there is shown at once, and not asked for on mount, focus, reconnect or invalidation', async () => {
  const url = await serve({ chunks: [{ text: says('Once') }] });
  const client = clientOf(url);
  // The strongest that an app can set for all its queries.
  const queryClient = queryClientOf({
    queries: {
      staleTime: 0,
      refetchOnMount: 'always',
      refetchOnWindowFocus: 'always',
      refetchOnReconnect: 'always',
      refetchInterval: 1,
    },
  });
  const { unmount } = render(<Shown client={client} />, inStrictMode(queryClient));
  await waitFor(() => expect(shown()).toBe('Once'));
  unmount();

  const again = render(<Shown client={client} />, inStrictMode(queryClient));
  expect(shown()).toBe('Once');
  onTestFinished(() => {
    focusManager.setFocused(undefined);
    onlineManager.setOnline(true);
  });
  await act(async () => {
    focusManager.setFocused(false);
    focusManager.setFocused(true);
    onlineManager.setOnline(false);
    onlineManager.setOnline(true);
    await queryClient.invalidateQueries();
    await macrotask();
  });
  again.unmount();
  render(<Shown client={client} />, inStrictMode(queryClient));
  await macrotask();
  expect(shown()).toBe('Once');
  expect(await commands.requests(url)).toHaveLength(1);
});

test('refetch asks again, shows the new text as it comes, and keeps the old answer until then', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('Old');
  calls[0]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('Old'));

  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('Ne');
  await waitFor(() => expect(result.current.partial?.text).toBe('Ne'));
  expect(result.current).toMatchObject({ data: { text: 'Old' }, isFetching: true });
  calls[1]!.text('w');
  calls[1]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('New'));
  expect(result.current.partial).toBeUndefined();
});

test('refetch in the middle of a refetch stops that one, and asks anew', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('Old');
  calls[0]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('Old'));

  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('dropped ');
  await waitFor(() => expect(result.current.partial?.text).toBe('dropped '));
  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(3));
  expect(calls[1]!.signal.aborted).toBe(true);
  calls[1]!.text('late ');
  calls[2]!.text('New');
  calls[2]!.finish();
  await waitFor(() => expect(result.current.data?.text).toBe('New'));
});

test('another attempt asks again, and the answers of the others stay', async () => {
  const url = await serve([{ chunks: [{ text: says('First') }] }, { chunks: [{ text: says('Second') }] }]);
  const client = clientOf(url);
  function Page(): ReactElement {
    const [attempt, setAttempt] = useState(0);
    return (
      <>
        <Shown client={client} attempt={attempt} />
        <button onClick={() => setAttempt(attempt + 1)}>Next</button>
        <button onClick={() => setAttempt(attempt - 1)}>Back</button>
      </>
    );
  }
  render(<Page />, inStrictMode(queryClientOf()));
  await waitFor(() => expect(shown()).toBe('First'));
  await userEvent.click(screen.getByText('Next'));
  await waitFor(() => expect(shown()).toBe('Second'));
  await userEvent.click(screen.getByText('Back'));
  expect(shown()).toBe('First');
  expect(await commands.requests(url)).toHaveLength(2);
});

test('the run stops when the last component leaves, and then nothing is cached', async () => {
  const url = await serveInTwo();
  const client = clientOf(url);
  const queryClient = queryClientOf();
  const both = (
    <>
      <Shown client={client} label="left" />
      <Shown client={client} label="right" />
    </>
  );
  const { rerender } = render(both, inStrictMode(queryClient));
  await waitFor(() => expect(shown('right')).toBe('One '));

  rerender(<Shown client={client} label="left" />);
  await macrotask();
  expect(await commands.requests(url)).toMatchObject([{ closedEarly: false }]);
  rerender(<i />);
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }]);
  const { queryKey } = completionQueryOptions(client, 'hello');
  expect(queryClient.getQueryState(queryKey)).toMatchObject({
    status: 'pending',
    fetchStatus: 'idle',
    data: undefined,
    error: null,
  });

  await commands.release(url, 'rest');
  rerender(<Shown client={client} label="left" />);
  await waitFor(() => expect(shown('left')).toBe('One two'));
  expect(await commands.requests(url)).toHaveLength(2);
});

test('a component that comes after the last has left shows nothing of the run that was stopped', async () => {
  const { client, calls } = scriptedClient();
  const options = completionQueryOptions(client, 'hello');
  const queryClient = queryClientOf();
  const first = renderHook(() => useCompletionQuery(options, queryClient));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One ');
  await waitFor(() => expect(first.result.current.partial?.text).toBe('One '));
  first.unmount();
  await macrotask();
  const texts: (string | undefined)[] = [];
  renderHook(() => texts.push(useCompletionQuery(options, queryClient).partial?.text));
  await waitFor(() => expect(calls).toHaveLength(2));
  expect(texts.join('')).toBe('');
});

test('a component that is told of nothing else is told that a run begins', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');
  const { result } = renderHook(
    () => useCompletionQuery({ ...options, enabled: false, notifyOnChangeProps: [] }),
    inStrictMode(queryClient),
  );
  await act(async () => {
    void queryClient.prefetchQuery(options);
    await macrotask();
  });
  expect(calls).toHaveLength(1);
  expect(result.current.partial).toMatchObject({ status: 'submitted', text: '' });
});

test('a component that leaves and comes back at once finds its run going on', async () => {
  const { client, calls } = scriptedClient();
  const { rerender } = render(<Shown client={client} key="a" />, inStrictMode(queryClientOf()));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One ');
  await waitFor(() => expect(shown()).toBe('One '));
  rerender(<Shown client={client} key="b" />);
  await macrotask();
  calls[0]!.text('two');
  calls[0]!.finish();
  await waitFor(() => expect(shown()).toBe('One two'));
  expect(calls).toHaveLength(1);
});

test('stop ends the run at once, keeps its text in sight and out of the cache, and refetch goes on', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClient),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One ');
  await waitFor(() => expect(result.current.partial?.text).toBe('One '));

  act(() => result.current.stop());
  expect(calls[0]!.signal.aborted).toBe(true);
  await waitFor(() => expect(result.current.partial?.finishReason).toBe('aborted'));
  expect(result.current).toMatchObject({
    status: 'pending',
    fetchStatus: 'idle',
    data: undefined,
    error: null,
    partial: { status: 'ready', text: 'One ' },
  });

  act(() => void result.current.refetch());
  await waitFor(() => expect(calls).toHaveLength(2));
  expect(result.current.partial).toMatchObject({ status: 'submitted', text: '' });
});

test('after a refetch that was stopped, the recipe of the docs shows the whole answer before it', async () => {
  const { client, calls } = scriptedClient();
  render(<Shown client={client} />, inStrictMode(queryClientOf()));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('The whole answer');
  calls[0]!.finish();
  await waitFor(() => expect(shown()).toBe('The whole answer'));

  await userEvent.click(screen.getByText('Again'));
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('Half of');
  await waitFor(() => expect(shown()).toBe('Half of'));
  await userEvent.click(screen.getByText('Stop'));

  await waitFor(() => expect(shown()).toBe('The whole answer'));
  await macrotask();
  expect(shown()).toBe('The whole answer');
});

test('a failure is the error of the query, with what was received, and refetch tries again', async () => {
  const url = await serve([
    { chunks: [{ text: text('One ') }, { gate: 'cut' }], end: 'destroy' },
    { chunks: [{ text: says('Whole') }] },
  ]);
  const client = clientOf(url);
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(result.current.partial?.text).toBe('One '));
  await commands.release(url, 'cut');
  await waitFor(() => expect(result.current.status).toBe('error'));
  expect(result.current).toMatchObject({
    data: undefined,
    isLoadingError: true,
    error: { code: 'network', partial: { text: 'One ' } },
    partial: { text: 'One ', status: 'error' },
  });
  act(() => void result.current.refetch());
  await waitFor(() => expect(result.current.data?.text).toBe('Whole'));
  expect(result.current.partial).toBeUndefined();
});

/** Shows what was thrown below it. */
class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }
  override render(): ReactNode {
    return this.state.error ? <p role="alert">{this.state.error.message}</p> : this.props.children;
  }
}

test('with Suspense the fallback can show what comes, from the same request', async () => {
  const url = await serveInTwo();
  const client = clientOf(url);
  function Whole(): ReactElement {
    return <output>{useSuspenseQuery(completionQueryOptions(client, 'hello')).data.text}</output>;
  }
  render(
    <Suspense fallback={<Shown client={client} label="so far" />}>
      <Whole />
    </Suspense>,
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(shown('so far')).toBe('One '));
  await commands.release(url, 'rest');
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('One two'));
  expect(await commands.requests(url)).toHaveLength(1);
});

test.each(['useSuspenseQuery', 'useCompletionQuery with throwOnError'])(
  'an error in the middle of an answer reaches the boundary: %s',
  async (hook) => {
    const url = await serve({ chunks: [{ text: text('One ') }], end: 'destroy' });
    const client = clientOf(url);
    function Suspended(): ReactElement {
      return <output>{useSuspenseQuery(completionQueryOptions(client, 'hello')).data.text}</output>;
    }
    function Throwing(): ReactElement {
      const { partial } = useCompletionQuery({ ...completionQueryOptions(client, 'hello'), throwOnError: true });
      return <output>{partial?.text}</output>;
    }
    // React says on the console what a boundary has caught.
    const { error } = console;
    console.error = () => undefined;
    onTestFinished(() => void (console.error = error));
    render(
      <Boundary>
        <Suspense fallback={<i />}>{hook === 'useSuspenseQuery' ? <Suspended /> : <Throwing />}</Suspense>
      </Boundary>,
      inStrictMode(queryClientOf()),
    );
    expect((await screen.findByRole('alert')).textContent).toMatch(/connection/i);
    expect(await commands.requests(url)).toHaveLength(1);
  },
);

test('what is prefetched on hover is there when it is shown, or comes on, from one request', async () => {
  const url = await serveInTwo();
  const client = clientOf(url);
  const queryClient = queryClientOf();
  function Page(): ReactElement {
    const [isOpen, setIsOpen] = useState(false);
    const options = completionQueryOptions(client, 'hello');
    return isOpen ? (
      <Shown client={client} />
    ) : (
      <button onPointerEnter={() => void queryClient.prefetchQuery(options)} onClick={() => setIsOpen(true)}>
        Open
      </button>
    );
  }
  render(<Page />, inStrictMode(queryClient));
  await userEvent.hover(screen.getByText('Open'));
  await expect.poll(() => commands.requests(url)).toHaveLength(1);
  await userEvent.click(screen.getByText('Open'));
  await waitFor(() => expect(shown()).toBe('One '));
  await commands.release(url, 'rest');
  await waitFor(() => expect(shown()).toBe('One two'));
  expect(await commands.requests(url)).toHaveLength(1);
});

test('a component that is disabled or unsubscribed shows nothing of the run, and asks nothing', async () => {
  const { client, calls } = scriptedClient();
  const options = completionQueryOptions(client, 'hello');
  const { result } = renderHook(
    () => ({
      disabled: useCompletionQuery({ ...options, enabled: false }),
      unsubscribed: useCompletionQuery({ ...options, subscribed: false }),
    }),
    inStrictMode(queryClientOf()),
  );
  await macrotask();
  expect(calls).toHaveLength(0);
  act(() => void result.current.disabled.refetch());
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('One ');
  await waitFor(() => expect(result.current.disabled.partial?.text).toBe('One '));
  expect(result.current.unsubscribed.partial).toBeUndefined();
});

test('select chooses from the answer, and partial stays the run', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => useCompletionQuery({ ...completionQueryOptions(client, 'hello'), select: ({ text }) => text.length }),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('Four');
  await waitFor(() => expect(result.current.partial?.text).toBe('Four'));
  calls[0]!.finish();
  await waitFor(() => expect(result.current.data).toBe(4));
});

test('the call is made as the options say', async () => {
  const url = await serve({ status: 503, headers: { 'retry-after-ms': '1' } });
  const client = clientOf(url);
  const { result } = renderHook(
    () =>
      useCompletionQuery(
        completionQueryOptions(client, 'hello', { headers: { 'x-tenant': 'seven' }, retry: { maxRetries: 1 } }),
      ),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(result.current.error).toMatchObject({ status: 503 }));
  expect(await commands.requests(url)).toMatchObject([
    { headers: { 'x-tenant': 'seven' } },
    { headers: { 'x-tenant': 'seven' } },
  ]);
});

test('a page of renders is bounded by frames, and not by tokens', async () => {
  const { client, calls } = scriptedClient();
  let renders = 0;
  let frames = 0;
  const { result } = renderHook(() => {
    renders += 1;
    return useCompletionQuery(completionQueryOptions(client, 'hello'));
  }, inStrictMode(queryClientOf()));
  await waitFor(() => expect(calls).toHaveLength(1));
  renders = 0;
  const frame = (): void => {
    frames += 1;
    if (result.current.data === undefined) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  for (let at = 0; at < 1000; at += 1) {
    calls[0]!.text('x');
    if (at % 50 === 0) await macrotask();
  }
  calls[0]!.finish();
  await waitFor(() => expect(result.current.data?.text).toHaveLength(1000));
  // StrictMode renders twice; the first content and the end are told without a frame.
  expect(renders).toBeLessThanOrEqual(2 * (frames + 6));
});
