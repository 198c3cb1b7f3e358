import type { Completion, LLMClient } from '@rivulet/core';
import { LLMClientProvider, useCompletion, type UseCompletionOptions, type UseCompletionResult } from '@rivulet/react';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import * as React from 'react';
import { StrictMode, useEffect, type ReactElement, type ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask, microtasks } from '../support/turns.ts';

failOnConsoleErrors();

/** Shows a completion, and hands its functions to the test. */
function Shown({
  onRender,
  label = 'shown',
  ...options
}: UseCompletionOptions & { label?: string; onRender?: (result: UseCompletionResult) => void }): ReactElement {
  const result = useCompletion(options);
  onRender?.(result);
  return (
    <button aria-label={label} data-status={result.status} onClick={() => void result.complete(`from ${label}`)}>
      {result.completion}
    </button>
  );
}

test('in StrictMode a click sends one request', async () => {
  const url = await serve({ chunks: [{ text: says('Only once') }] });
  render(
    <StrictMode>
      <Shown client={clientOf(url)} />
    </StrictMode>,
  );
  await userEvent.click(screen.getByLabelText('shown'));
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('Only once'));
  expect(await commands.requests(url)).toHaveLength(1);
});

test('in StrictMode an effect that completes on mount sends one request', async () => {
  const url = await serve({ chunks: [{ text: says('Only once') }] });
  const client = clientOf(url);
  function Page(): ReactElement {
    const { complete, completion } = useCompletion({ client });
    useEffect(() => void complete('hi'), [complete]);
    return <output>{completion}</output>;
  }
  render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Only once'));
  await macrotask();
  expect(await commands.requests(url)).toMatchObject([{ finished: true, closedEarly: false }]);
});

test('in StrictMode an effect that completes only once is not aborted by the second mount', async () => {
  const { client, calls } = scriptedClient();
  let isAsked = false;
  function Page(): ReactElement {
    const { complete, completion } = useCompletion({ client });
    useEffect(() => {
      if (isAsked) return;
      isAsked = true;
      void complete('hi');
    }, [complete]);
    return <output>{completion}</output>;
  }
  render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await macrotask();
  calls[0]!.text('Still here');
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Still here'));
  expect(calls).toHaveLength(1);
});

test('the unmount aborts a macrotask later, and not sooner', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderHook(() => useCompletion({ client }));
  const answer = result.current.complete('hi');
  unmount();
  expect(calls[0]!.signal.aborted).toBe(false);
  await microtasks();
  expect(calls[0]!.signal.aborted).toBe(false);
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  await expect(answer).resolves.toBeNull();
});

test('the unmount closes the connection', async () => {
  const url = await serve({ chunks: [{ text: text('Some text') }], end: 'hang' });
  const { result, unmount } = renderHook(() => useCompletion({ client: clientOf(url) }));
  void result.current.complete('hi');
  await waitFor(() => expect(result.current.completion).toBe('Some text'));
  unmount();
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }]);
});

test('a component that is gone calls nobody', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<(completion: Completion) => void>();
  const { result, unmount } = renderHook(() => useCompletion({ client, onFinish }));
  const { complete, stop, reset, setCompletion, handleSubmit } = result.current;
  const answer = complete('hi');
  unmount();
  calls[0]!.text('too late');
  calls[0]!.finish();
  await expect(answer).resolves.toBe('too late');
  expect(onFinish).not.toHaveBeenCalled();

  await expect(complete('anybody?')).resolves.toBeNull();
  stop();
  reset();
  setCompletion('x');
  handleSubmit();
  expect(calls).toHaveLength(1);
});

// React 18 has no Activity.
const Activity = 'Activity' in React ? React.Activity : undefined;

test.skipIf(!Activity)('what is hidden and shown again at once goes on', async () => {
  const { client, calls } = scriptedClient();
  const page = (mode: 'hidden' | 'visible'): ReactNode =>
    Activity && (
      <Activity mode={mode}>
        <Shown client={client} />
      </Activity>
    );
  const { rerender } = render(page('visible'));
  await userEvent.click(screen.getByLabelText('shown'));
  calls[0]!.text('One ');
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('One '));
  rerender(page('hidden'));
  rerender(page('visible'));
  await macrotask();
  calls[0]!.text('two');
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('One two'));
});

test.skipIf(!Activity)('what stays hidden is aborted, keeps its text, and works again', async () => {
  const { client, calls } = scriptedClient();
  const page = (mode: 'hidden' | 'visible'): ReactNode =>
    Activity && (
      <Activity mode={mode}>
        <Shown client={client} />
      </Activity>
    );
  const { rerender } = render(page('visible'));
  await userEvent.click(screen.getByLabelText('shown'));
  calls[0]!.text('One ');
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('One '));
  rerender(page('hidden'));
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  rerender(page('visible'));
  expect(screen.getByLabelText('shown')).toMatchObject({ textContent: 'One ', dataset: { status: 'ready' } });
  await userEvent.click(screen.getByLabelText('shown'));
  calls[1]!.text('More');
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('More'));
});

test('shows the text while it comes although an asynchronous action waits for all of it', async () => {
  const { client, calls } = scriptedClient();
  function Page(): ReactElement {
    const { complete, completion } = useCompletion({ client });
    const [isPending, startTransition] = React.useTransition();
    return (
      <button
        aria-busy={isPending}
        onClick={() =>
          startTransition(async () => {
            await complete('hi');
          })
        }
      >
        {completion}
      </button>
    );
  }
  render(<Page />);
  await userEvent.click(screen.getByRole('button'));
  calls[0]!.text('One ');
  await waitFor(() => expect(screen.getByRole('button').textContent).toBe('One '));
  calls[0]!.text('two');
  await waitFor(() => expect(screen.getByRole('button').textContent).toBe('One two'));
  calls[0]!.finish();
});

test('two clients answer beside each other', async () => {
  const left = scriptedClient();
  const right = scriptedClient();
  render(
    <LLMClientProvider client={left.client}>
      <Shown label="left" />
      <Shown label="right" client={right.client} />
    </LLMClientProvider>,
  );
  await userEvent.click(screen.getByLabelText('left'));
  await userEvent.click(screen.getByLabelText('right'));
  left.calls[0]!.text('from the provider');
  right.calls[0]!.text('from the option');
  await waitFor(() => expect(screen.getByLabelText('left').textContent).toBe('from the provider'));
  await waitFor(() => expect(screen.getByLabelText('right').textContent).toBe('from the option'));
});

test('another client answers from the next run on', async () => {
  const first = scriptedClient();
  const second = scriptedClient();
  const { result, rerender } = renderHook((client: LLMClient) => useCompletion({ client }), {
    initialProps: first.client,
  });
  act(() => void result.current.complete('one'));
  rerender(second.client);
  first.calls[0]!.text('One');
  await waitFor(() => expect(result.current.completion).toBe('One'));
  expect(first.calls[0]!.signal.aborted).toBe(false);
  act(() => void result.current.complete('two'));
  expect(first.calls[0]!.signal.aborted).toBe(true);
  expect(second.calls).toHaveLength(1);
});

test('components with the same id and client share a completion', async () => {
  const { client, calls } = scriptedClient();
  const other = scriptedClient();
  const onFinish = { a: vi.fn<() => void>(), b: vi.fn<() => void>() };
  let b: UseCompletionResult | undefined;
  render(
    <StrictMode>
      <LLMClientProvider client={client}>
        <Shown label="a" id="x" initialCompletion="first" onFinish={onFinish.a} />
        <Shown label="b" id="x" initialCompletion="second" onFinish={onFinish.b} onRender={(result) => (b = result)} />
        <Shown label="other id" id="y" />
        <Shown label="no id" />
        <Shown label="other client" id="x" client={other.client} />
      </LLMClientProvider>
    </StrictMode>,
  );
  const texts = (): (string | null)[] => screen.getAllByRole('button').map(({ textContent }) => textContent);
  expect(texts()).toEqual(['first', 'first', '', '', '']);
  await userEvent.click(screen.getByLabelText('a'));
  expect(screen.getByLabelText('b').dataset['status']).toBe('submitted');
  calls[0]!.text('Hello');
  await waitFor(() => expect(texts()).toEqual(['Hello', 'Hello', '', '', '']));
  act(() => b?.setCompletion('Bye'));
  expect(texts()).toEqual(['Bye', 'Bye', '', '', '']);
  calls[0]!.finish();
  await waitFor(() => expect(screen.getByLabelText('b').dataset['status']).toBe('ready'));
  expect(onFinish.a).toHaveBeenCalledOnce();
  expect(onFinish.b).not.toHaveBeenCalled();
});

test('a shared completion ends with its last component, and is then forgotten', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<() => void>();
  const page = (...labels: readonly string[]): ReactElement => (
    <LLMClientProvider client={client}>
      {labels.map((label) => (
        <Shown key={label} label={label} id="x" onFinish={onFinish} />
      ))}
    </LLMClientProvider>
  );
  const { rerender } = render(page('a', 'b'));
  await userEvent.click(screen.getByLabelText('a'));
  calls[0]!.text('One ');
  await waitFor(() => expect(screen.getByLabelText('b').textContent).toBe('One '));

  rerender(page('b'));
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(false);

  // The last one leaves and another one comes, in one commit.
  rerender(page('c'));
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(false);
  calls[0]!.text('two');
  await waitFor(() => expect(screen.getByLabelText('c').textContent).toBe('One two'));
  rerender(page('c', 'd'));
  expect(screen.getByLabelText('d').textContent).toBe('One two');

  rerender(page());
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  rerender(page('e'));
  expect(screen.getByLabelText('e').textContent).toBe('');
  expect(onFinish).not.toHaveBeenCalled();
});

test('another id shows another completion', async () => {
  const { client, calls } = scriptedClient();
  const { result, rerender } = renderHook((id: string) => useCompletion({ client, id }), { initialProps: 'x' });
  act(() => void result.current.complete('hi'));
  calls[0]!.text('of x');
  await waitFor(() => expect(result.current.completion).toBe('of x'));
  rerender('y');
  expect(result.current).toMatchObject({ completion: '', status: 'ready' });
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  act(() => void result.current.complete('hi'));
  calls[1]!.text('of y');
  await waitFor(() => expect(result.current.completion).toBe('of y'));
});

test('takes over what the server rendered', async () => {
  const { client, calls } = scriptedClient();
  const container = document.createElement('div');
  container.innerHTML = '<button aria-label="shown" data-status="ready">Ask me</button>';
  document.body.append(container);
  render(<Shown client={client} id="x" initialCompletion="Ask me" />, { container, hydrate: true });
  await userEvent.click(screen.getByLabelText('shown'));
  calls[0]!.text('Hello');
  await waitFor(() => expect(screen.getByLabelText('shown').textContent).toBe('Hello'));
});
