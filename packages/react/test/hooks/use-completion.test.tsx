import type { Completion, LLMClient, LLMError } from '@rivulet/core';
import { LLMClientProvider, useCompletion, type UseCompletionOptions, type UseCompletionResult } from '@rivulet/react';
import { act, render, renderHook, screen, waitFor, type RenderHookResult } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useLayoutEffect, useState, type FormEvent, type ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, delta, END, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';

failOnConsoleErrors();

function renderCompletion(
  client: LLMClient,
  initialProps: UseCompletionOptions = {},
): RenderHookResult<UseCompletionResult, UseCompletionOptions> {
  return renderHook((options: UseCompletionOptions) => useCompletion({ client, ...options }), { initialProps });
}

async function bodies(url: string): Promise<Record<string, unknown>[]> {
  const requests = await commands.requests(url);
  return requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

test('before the first run it is ready and empty', () => {
  const { result } = renderCompletion(scriptedClient().client);
  expect(result.current).toMatchObject({
    completion: '',
    input: '',
    isLoading: false,
    status: 'ready',
    reasoning: '',
    error: undefined,
    usage: undefined,
    finishReason: undefined,
    retry: undefined,
  });
});

test('shows the text while it comes', async () => {
  const url = await serve({
    chunks: [
      { text: text('One '), gate: 'one' },
      { text: text('two '), gate: 'two' },
      { text: text('three') + END, gate: 'three' },
    ],
  });
  const statuses: string[] = [];
  function Page(): ReactElement {
    const { completion, complete, status, isLoading } = useCompletion();
    if (statuses.at(-1) !== status) statuses.push(status);
    return (
      <>
        <button onClick={() => void complete('count')}>Ask</button>
        <output aria-busy={isLoading}>{completion}</output>
      </>
    );
  }
  render(
    <LLMClientProvider client={clientOf(url)}>
      <Page />
    </LLMClientProvider>,
  );
  const output = screen.getByRole('status');
  await userEvent.click(screen.getByRole('button'));
  expect(output.ariaBusy).toBe('true');
  expect(output.textContent).toBe('');
  await commands.release(url, 'one');
  await waitFor(() => expect(output.textContent).toBe('One '));
  await commands.release(url, 'two');
  await waitFor(() => expect(output.textContent).toBe('One two '));
  expect(output.ariaBusy).toBe('true');
  await commands.release(url, 'three');
  await waitFor(() => expect(output.textContent).toBe('One two three'));
  await waitFor(() => expect(output.ariaBusy).toBe('false'));
  expect(statuses).toEqual(['ready', 'submitted', 'streaming', 'ready']);
});

test('a run that an event handler starts shows as submitted in the same commit', async () => {
  const { client } = scriptedClient();
  const commits: string[] = [];
  function Page(): ReactElement {
    const { complete, status } = useCompletion({ client });
    const [clicks, setClicks] = useState(0);
    useLayoutEffect(() => {
      commits.push(`${clicks} ${status}`);
    });
    function ask(): void {
      setClicks(clicks + 1);
      void complete('hello');
    }
    return <button onClick={ask}>Ask</button>;
  }
  render(<Page />);
  await userEvent.click(screen.getByRole('button'));
  expect(commits).toEqual(['0 ready', '1 submitted']);
});

test('gives reasoning, usage and the finish reason', async () => {
  const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
  const url = await serve({
    chunks: [
      {
        text:
          delta({ reasoning_content: 'Let me see. ' }) +
          delta({ reasoning_content: 'Six times seven.' }) +
          text('42') +
          delta({}, 'length') +
          `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`,
      },
    ],
  });
  const { result } = renderCompletion(clientOf(url));
  await act(() => result.current.complete('what?'));
  expect(result.current).toMatchObject({
    completion: '42',
    reasoning: 'Let me see. Six times seven.',
    finishReason: 'length',
    usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 },
    status: 'ready',
    error: undefined,
  });
});

test('complete resolves to the whole text', async () => {
  const url = await serve({ chunks: [{ text: text('Hello, ') }, { text: says('world') }] });
  const { result } = renderCompletion(clientOf(url));
  await expect(act(() => result.current.complete('hi'))).resolves.toBe('Hello, world');
});

test('complete resolves to null when it fails, and the next prompt works', async () => {
  const url = await serve([{ status: 500, chunks: [{ text: 'no' }] }, { chunks: [{ text: says('Better now') }] }]);
  const onError = vi.fn<(error: LLMError) => void>();
  const onFinish = vi.fn<(completion: Completion) => void>();
  const { result } = renderCompletion(clientOf(url), { onError, onFinish });

  await expect(act(() => result.current.complete('hi'))).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'error', isLoading: false, error: { code: 'server', status: 500 } });
  expect(result.current.finishReason).toBeUndefined();
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
  expect(onFinish).not.toHaveBeenCalled();

  await expect(act(() => result.current.complete('hi again'))).resolves.toBe('Better now');
  expect(result.current).toMatchObject({ status: 'ready', error: undefined, completion: 'Better now' });
  expect(onError).toHaveBeenCalledOnce();
  expect(onFinish).toHaveBeenCalledOnce();
});

test('an answer that breaks off keeps its text and is an error', async () => {
  const url = await serve({ chunks: [{ text: text('Half of') }] });
  const { result } = renderCompletion(clientOf(url));
  await expect(act(() => result.current.complete('hi'))).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'error', completion: 'Half of', error: { code: 'truncated' } });
});

test('a request that cannot be sent is an error, and throws nothing', async () => {
  const { result } = renderCompletion(scriptedClient().client);
  await expect(act(() => result.current.complete({}))).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'error', error: { code: 'invalid_request' } });
});

test('onFinish gets the completion and the prompt, once', async () => {
  const url = await serve({ chunks: [{ text: says('Hello') }] });
  const onFinish = vi.fn<(completion: Completion, prompt: string | undefined) => void>();
  const onError = vi.fn<(error: LLMError) => void>();
  const { result } = renderCompletion(clientOf(url), { onFinish, onError });
  await act(() => result.current.complete('hi'));
  expect(onFinish).toHaveBeenCalledOnce();
  const [completion, prompt] = onFinish.mock.calls[0]!;
  expect(completion).toMatchObject({ text: 'Hello', finishReason: 'stop' });
  expect(prompt).toBe('hi');
  expect(onError).not.toHaveBeenCalled();
});

test('callbacks are those of the latest render', async () => {
  const { client, calls } = scriptedClient();
  const first = vi.fn<() => void>();
  const second = vi.fn<() => void>();
  const { result, rerender } = renderCompletion(client, { onFinish: first });
  act(() => void result.current.complete('hi'));
  rerender({ onFinish: second });
  calls[0]!.finish();
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(second).toHaveBeenCalledOnce();
  expect(first).not.toHaveBeenCalled();
});

test('a callback may start the next run', async () => {
  const url = await serve([{ chunks: [{ text: says('first') }] }, { chunks: [{ text: says('second') }] }]);
  const { result } = renderHook(() => {
    const completion = useCompletion({
      client: clientOf(url),
      onFinish({ text: answer }) {
        if (answer === 'first') void completion.complete('more');
      },
    });
    return completion;
  });
  await act(() => result.current.complete('go'));
  await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', completion: 'second' }));
});

test('sends the fields of the options, under those of the call', async () => {
  const url = await serve({ chunks: [{ text: says('ok') }] });
  const { result, rerender } = renderCompletion(clientOf(url), {
    model: 'model-2',
    system: 'Be brief.',
    temperature: 0.1,
    maxTokens: 50,
    stop: ['END'],
    headers: { 'x-hook': 'yes' },
  });
  await act(() => result.current.complete('one'));
  await act(() => result.current.complete('two', { temperature: 0.9, model: undefined, headers: { 'x-call': 'yes' } }));
  await act(() => result.current.complete({ messages: [{ role: 'user', content: 'three' }], maxTokens: 7 }));
  rerender({ model: 'model-3' });
  await act(() => result.current.complete('four'));

  const [one, two, three, four] = await bodies(url);
  const system = { role: 'system', content: 'Be brief.' };
  expect(one).toMatchObject({
    model: 'model-2',
    temperature: 0.1,
    max_tokens: 50,
    stop: ['END'],
    messages: [system, { role: 'user', content: 'one' }],
  });
  expect(two).toMatchObject({ model: 'model-2', temperature: 0.9, max_tokens: 50 });
  expect(three).toMatchObject({ max_tokens: 7, messages: [system, { role: 'user', content: 'three' }] });
  expect(four).toMatchObject({ model: 'model-3', temperature: 0.7, messages: [{ role: 'user', content: 'four' }] });
  expect(four).not.toHaveProperty('stop');

  const requests = await commands.requests(url);
  expect(requests[0]!.headers).toMatchObject({ 'x-hook': 'yes' });
  expect(requests[1]!.headers).toMatchObject({ 'x-call': 'yes' });
});

test('messages of the options stand before the prompt', async () => {
  const url = await serve({ chunks: [{ text: says('ok') }] });
  const { result } = renderCompletion(clientOf(url), {
    messages: [
      { role: 'user', content: 'My name is Ann.' },
      { role: 'assistant', content: 'Hello Ann.' },
    ],
  });
  await act(() => result.current.complete('Who am I?'));
  const [body] = await bodies(url);
  expect(body?.['messages']).toEqual([
    { role: 'user', content: 'My name is Ann.' },
    { role: 'assistant', content: 'Hello Ann.' },
    { role: 'user', content: 'Who am I?' },
  ]);
});

test('a new run aborts the one before, which calls nobody', async () => {
  const url = await serve([{ chunks: [{ text: text('old') }], end: 'hang' }, { chunks: [{ text: says('new') }] }]);
  const onFinish = vi.fn<(completion: Completion) => void>();
  const onError = vi.fn<(error: LLMError) => void>();
  const { result } = renderCompletion(clientOf(url), { onFinish, onError });
  const first = result.current.complete('first');
  await waitFor(() => expect(result.current.completion).toBe('old'));
  await expect(act(() => result.current.complete('second'))).resolves.toBe('new');
  await expect(first).resolves.toBeNull();
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }, { finished: true }]);
  expect(result.current).toMatchObject({ completion: 'new', status: 'ready', finishReason: 'stop' });
  expect(onFinish).toHaveBeenCalledOnce();
  expect(onFinish.mock.calls[0]![0].text).toBe('new');
  expect(onError).not.toHaveBeenCalled();
});

test('stop keeps the text, closes the connection and calls nobody', async () => {
  const url = await serve({ chunks: [{ text: text('Some text') }], end: 'hang' });
  const onFinish = vi.fn<() => void>();
  const onError = vi.fn<() => void>();
  const { result } = renderCompletion(clientOf(url), { onFinish, onError });
  const answer = result.current.complete('hi');
  await waitFor(() => expect(result.current.completion).toBe('Some text'));
  act(() => result.current.stop());
  expect(result.current).toMatchObject({
    completion: 'Some text',
    status: 'ready',
    finishReason: 'aborted',
    isLoading: false,
    error: undefined,
  });
  await expect(answer).resolves.toBeNull();
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }]);
  expect(onFinish).not.toHaveBeenCalled();
  expect(onError).not.toHaveBeenCalled();
});

test('stop before the first text, and with nothing to stop', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderCompletion(client);
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'ready', finishReason: undefined });
  const answer = result.current.complete('hi');
  await waitFor(() => expect(result.current.status).toBe('submitted'));
  act(() => result.current.stop());
  await expect(answer).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'ready', finishReason: 'aborted', completion: '' });
  expect(calls[0]!.signal.aborted).toBe(true);
});

test('the signal of a call stops it', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderCompletion(client);
  const controller = new AbortController();
  const answer = result.current.complete('hi', { signal: controller.signal });
  calls[0]!.text('abc');
  await waitFor(() => expect(result.current.completion).toBe('abc'));
  act(() => controller.abort());
  await expect(answer).resolves.toBeNull();
  expect(result.current).toMatchObject({ status: 'ready', finishReason: 'aborted', completion: 'abc' });
});

test('a wait before the next attempt shows as retry', async () => {
  const url = await serve([
    { status: 429, headers: { 'retry-after': '1' }, chunks: [{ text: '{"error":{"message":"Slow down"}}' }] },
    { chunks: [{ text: says('At last') }] },
  ]);
  const { result } = renderCompletion(clientOf(url), { retry: { maxRetries: 1 } });
  const before = Date.now();
  const answer = result.current.complete('hi');
  await waitFor(() => expect(result.current.retry).toBeDefined());
  expect(result.current).toMatchObject({ status: 'submitted', isLoading: true, retry: { attempt: 1 } });
  expect(result.current.retry!.untilMs).toBeGreaterThanOrEqual(before + 1000);
  await expect(act(() => answer)).resolves.toBe('At last');
  expect(result.current).toMatchObject({ retry: undefined, completion: 'At last', status: 'ready' });
});

test('setCompletion shows another text until the model says more', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderCompletion(client, { initialCompletion: 'Ask me.' });
  expect(result.current.completion).toBe('Ask me.');
  act(() => result.current.setCompletion('Go on.'));
  expect(result.current).toMatchObject({ completion: 'Go on.', status: 'ready' });

  act(() => void result.current.complete('hi'));
  expect(result.current.completion).toBe('');
  calls[0]!.text('Hello');
  await waitFor(() => expect(result.current.completion).toBe('Hello'));
  act(() => result.current.setCompletion('changed'));
  expect(result.current).toMatchObject({ completion: 'changed', status: 'streaming' });
  calls[0]!.text(' there');
  await waitFor(() => expect(result.current.completion).toBe('Hello there'));
  calls[0]!.finish();
  await waitFor(() => expect(result.current.status).toBe('ready'));

  act(() => result.current.setCompletion('edited'));
  expect(result.current).toMatchObject({ completion: 'edited', finishReason: 'stop' });
  act(() => result.current.setCompletion('edited twice'));
  expect(result.current.completion).toBe('edited twice');
});

test('reset ends the run and goes back to the state before the first one', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<() => void>();
  const { result } = renderCompletion(client, { initialCompletion: 'Ask me.', onFinish });
  const before = result.current;
  const answer = result.current.complete('hi');
  calls[0]!.text('Hello');
  await waitFor(() => expect(result.current.completion).toBe('Hello'));
  act(() => result.current.setInput('typed'));
  act(() => result.current.reset());
  expect(result.current).toEqual({ ...before, input: 'typed' });
  await expect(answer).resolves.toBeNull();
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(onFinish).not.toHaveBeenCalled();
});

test('the functions keep their identity', async () => {
  const url = await serve({ chunks: [{ text: says('ok') }] });
  const { result, rerender } = renderCompletion(clientOf(url));
  const functionsOf = (value: UseCompletionResult): unknown[] =>
    Object.values(value).filter((field) => typeof field === 'function');
  const before = functionsOf(result.current);
  expect(before).toHaveLength(7);
  rerender({ client: clientOf(url), model: 'model-2', onFinish: () => undefined });
  await act(() => result.current.complete('hi'));
  for (const [index, fn] of functionsOf(result.current).entries()) expect(fn).toBe(before[index]);
});

function Form({ client, onAsk }: { client: LLMClient; onAsk?: (event: FormEvent) => void }): ReactElement {
  const { input, handleInputChange, handleSubmit, setInput, completion } = useCompletion({
    client,
    initialInput: 'Say ',
  });
  function submit(event: FormEvent): void {
    handleSubmit(event);
    onAsk?.(event);
  }
  return (
    <form onSubmit={submit}>
      <input aria-label="Prompt" value={input} onChange={handleInputChange} />
      <textarea aria-label="Long prompt" value={input} onChange={handleInputChange} />
      <button type="submit">Ask</button>
      <button type="button" onClick={() => setInput((text) => text.toUpperCase())}>
        Louder
      </button>
      <output>{completion}</output>
    </form>
  );
}

test('a form types and submits the input', async () => {
  const { client, calls } = scriptedClient();
  const onAsk = vi.fn<(event: FormEvent) => void>();
  render(<Form client={client} onAsk={onAsk} />);
  await userEvent.type(screen.getByLabelText('Prompt'), 'hello');
  await userEvent.type(screen.getByLabelText('Long prompt'), ' to me');
  await userEvent.click(screen.getByText('Louder'));
  await userEvent.type(screen.getByLabelText('Prompt'), '!{Enter}');
  expect(onAsk.mock.calls[0]![0].defaultPrevented).toBe(true);
  expect(calls).toHaveLength(1);
  expect(calls[0]!.request.messages).toEqual([{ role: 'user', content: 'SAY HELLO TO ME!' }]);
  expect(screen.getByLabelText('Prompt')).toHaveProperty('value', 'SAY HELLO TO ME!');
  calls[0]!.text('Hello');
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Hello'));
});

test('a blank input is not submitted', async () => {
  const { client, calls } = scriptedClient();
  const onAsk = vi.fn<(event: FormEvent) => void>();
  render(<Form client={client} onAsk={onAsk} />);
  await userEvent.clear(screen.getByLabelText('Prompt'));
  await userEvent.click(screen.getByText('Ask'));
  await userEvent.type(screen.getByLabelText('Prompt'), '   {Enter}');
  expect(onAsk).toHaveBeenCalledTimes(2);
  expect(onAsk.mock.calls.every(([event]) => event.defaultPrevented)).toBe(true);
  expect(calls).toHaveLength(0);
});

test('handleSubmit needs no event', () => {
  const { client, calls } = scriptedClient();
  const { result } = renderCompletion(client, { initialInput: 'hi' });
  act(() => result.current.handleSubmit());
  expect(calls).toHaveLength(1);
  expect(result.current.status).toBe('submitted');
});
