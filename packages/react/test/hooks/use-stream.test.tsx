import { runFrom, type Completion, type LLMError, type Run, type StreamEvent } from '@rivulet/core';
import { useStream, type StreamSource, type UseStreamOptions, type UseStreamResult } from '@rivulet/react';
import { act, renderHook, waitFor, type RenderHookResult } from '@testing-library/react';
import { StrictMode } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { serve } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { channel, scriptedClient } from '../support/scripted-client.ts';
import { macrotask, microtasks } from '../support/turns.ts';

failOnConsoleErrors();

function renderStream(options: UseStreamOptions = {}): RenderHookResult<UseStreamResult, UseStreamOptions> {
  return renderHook((props: UseStreamOptions) => useStream(props), { initialProps: options });
}

function readable<T>(...chunks: readonly T[]): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function* generate<T>(...items: readonly (T | Error)[]): AsyncGenerator<T> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
    await macrotask();
  }
}

const bytes = (...values: readonly number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

const events: readonly StreamEvent[] = [
  { type: 'reasoning', delta: 'Hm. ' },
  { type: 'text', delta: 'Hello, ' },
  { type: 'text', delta: 'world' },
  { type: 'usage', usage: { outputTokens: 3, raw: undefined } },
  { type: 'finish', reason: 'length' },
];

test('before the first run it is ready and empty', () => {
  const { result } = renderStream();
  expect(result.current).toMatchObject({
    id: '',
    status: 'ready',
    message: { role: 'assistant', parts: [] },
    text: '',
    reasoning: '',
  });
  for (const field of ['finishReason', 'usage', 'error', 'retry'] as const)
    expect(result.current[field]).toBeUndefined();
});

describe('shows to its end', () => {
  const sources: readonly (readonly [string, () => StreamSource])[] = [
    ['an async iterable of strings', () => generate('Hello, ', 'world')],
    ['an async iterable of events', () => generate(...events)],
    ['a ReadableStream of strings', () => readable('Hello, ', 'world')],
    ['a ReadableStream of events', () => readable(...events)],
    [
      'a ReadableStream of bytes',
      () => readable(new TextEncoder().encode('Hello, '), new TextEncoder().encode('world')),
    ],
    ['a Response', () => new Response('Hello, world')],
    ['a Run', () => runFrom(generate('Hello, ', 'world'))],
    ['a promise of an async iterable', () => Promise.resolve(generate('Hello, ', 'world'))],
    ['a promise of a ReadableStream', () => Promise.resolve(readable('Hello, ', 'world'))],
    ['a promise of a Response', () => Promise.resolve(new Response('Hello, world'))],
    ['a promise of a Run', () => Promise.resolve(runFrom(generate('Hello, ', 'world')))],
  ];

  test.each(sources)('%s', async (_name, make) => {
    const onFinish = vi.fn<(completion: Completion) => void>();
    const { result } = renderStream({ onFinish });
    act(() => void result.current.start(make()));
    expect(result.current.status).not.toBe('error');
    await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', text: 'Hello, world' }));
    expect(result.current.finishReason).toMatch(/^(stop|length)$/);
    expect(onFinish).toHaveBeenCalledOnce();
    expect(onFinish.mock.calls[0]![0].text).toBe('Hello, world');
  });

  test.each(sources)('what a function makes: %s', async (_name, make) => {
    const onFinish = vi.fn<(completion: Completion) => void>();
    const { result } = renderStream({ onFinish });
    act(() => void result.current.start(() => make()));
    expect(result.current.status).toBe('submitted');
    await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', text: 'Hello, world' }));
    expect(onFinish).toHaveBeenCalledOnce();
  });
});

test('all that events say is shown', async () => {
  const { result } = renderStream();
  act(() => void result.current.start(generate(...events)));
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(result.current).toMatchObject({
    text: 'Hello, world',
    reasoning: 'Hm. ',
    finishReason: 'length',
    usage: { outputTokens: 3 },
    message: {
      parts: [
        { type: 'reasoning', text: 'Hm. ' },
        { type: 'text', text: 'Hello, world' },
      ],
    },
  });
});

test('a character that is split between two chunks of bytes is whole', async () => {
  const { result } = renderStream();
  act(() => void result.current.start(readable(bytes(0xf0, 0x9f), bytes(0x8c, 0x8a))));
  await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', text: '🌊' }));
});

test('the text is seen to grow', async () => {
  const { stream, send, close } = channel<string>();
  const { result } = renderStream();
  act(() => void result.current.start(stream));
  expect(result.current.status).toBe('submitted');
  send('One ');
  await waitFor(() => expect(result.current).toMatchObject({ status: 'streaming', text: 'One ' }));
  send('two');
  await waitFor(() => expect(result.current.text).toBe('One two'));
  close();
  await waitFor(() => expect(result.current.status).toBe('ready'));
});

describe('is an error, and what came stays', () => {
  const sources: readonly (readonly [
    name: string,
    source: () => StreamSource | (() => StreamSource),
    text: string,
    error: Partial<LLMError>,
  ])[] = [
    ['an iterable that throws', () => generate<string>('Half', new Error('Broken')), 'Half', { code: 'unknown' }],
    ['events without their end', () => generate(...events.slice(0, 2)), 'Hello, ', { code: 'truncated' }],
    ['a Response that is not ok', () => new Response('Gone', { status: 503 }), '', { code: 'overloaded', status: 503 }],
    ['a promise that rejects', () => Promise.reject(new Error('Broken')), '', { code: 'unknown' }],
    [
      'a function that throws',
      () => () => {
        throw new Error('Broken');
      },
      '',
      { code: 'unknown' },
    ],
    ['a function that gives nothing', () => () => undefined as unknown as Run, '', { code: 'invalid_request' }],
  ];

  test.each(sources)('%s', async (_name, make, text, error) => {
    const onFinish = vi.fn<(completion: Completion) => void>();
    const onError = vi.fn<(error: LLMError) => void>();
    const { result } = renderStream({ onFinish, onError });
    act(() => void result.current.start(make()));
    await waitFor(() => expect(result.current.status).toBe('error'));
    expect(result.current).toMatchObject({ text, error, finishReason: undefined });
    expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
    expect(onFinish).not.toHaveBeenCalled();

    act(() => void result.current.start(generate('The next one works')));
    await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', text: 'The next one works' }));
    expect(result.current.error).toBeUndefined();
  });
});

test('the response of a server grows, and stop closes it', async () => {
  const headers = { 'content-type': 'text/plain' };
  const url = await serve({ headers, chunks: [{ text: 'One ' }, { text: 'two', gate: 'two' }], end: 'hang' });
  const { result } = renderStream();
  act(() => void result.current.start((signal) => fetch(url, { signal })));
  await waitFor(() => expect(result.current.text).toBe('One '));
  await commands.release(url, 'two');
  await waitFor(() => expect(result.current.text).toBe('One two'));
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'ready', finishReason: 'aborted', text: 'One two' });
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }]);
});

test('a response that is passed in is closed by the unmount', async () => {
  const url = await serve({ headers: { 'content-type': 'text/plain' }, chunks: [{ text: 'One' }], end: 'hang' });
  const { result, unmount } = renderStream();
  const response = await fetch(url);
  act(() => void result.current.start(response));
  await waitFor(() => expect(result.current.text).toBe('One'));
  unmount();
  await expect.poll(() => commands.requests(url)).toMatchObject([{ closedEarly: true }]);
});

describe('the signal that a function gets', () => {
  function startWithSignal(): RenderHookResult<UseStreamResult, UseStreamOptions> & { signal: AbortSignal } {
    const rendered = renderStream();
    let given: AbortSignal | undefined;
    act(
      () =>
        void rendered.result.current.start((signal) => {
          given = signal;
          return channel<string>().stream;
        }),
    );
    return { ...rendered, signal: given! };
  }

  test('aborts with stop', () => {
    const { result, signal } = startWithSignal();
    expect(signal.aborted).toBe(false);
    act(() => result.current.stop());
    expect(signal.aborted).toBe(true);
  });

  test('aborts with reset', () => {
    const { result, signal } = startWithSignal();
    act(() => result.current.reset());
    expect(signal.aborted).toBe(true);
    expect(result.current).toMatchObject({ id: '', status: 'ready', finishReason: undefined });
  });

  test('aborts before the next source is made', () => {
    const { result, signal } = startWithSignal();
    let wasAborted = false;
    act(
      () =>
        void result.current.start(() => {
          wasAborted = signal.aborted;
          return generate('next');
        }),
    );
    expect(wasAborted).toBe(true);
  });

  test('aborts a macrotask after the unmount, and not sooner', async () => {
    const { unmount, signal } = startWithSignal();
    unmount();
    await microtasks();
    expect(signal.aborted).toBe(false);
    await macrotask();
    expect(signal.aborted).toBe(true);
  });
});

test('a run that a function makes, or promises, is ended without any signal', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderStream();
  act(() => void result.current.start(() => client.stream('one')));
  act(() => void result.current.start(() => Promise.resolve(client.stream('two'))));
  expect(calls[0]!.signal.aborted).toBe(true);
  await microtasks();
  expect(calls[1]!.signal.aborted).toBe(false);
  unmount();
  await macrotask();
  expect(calls[1]!.signal.aborted).toBe(true);
});

describe('a Run that is passed in', () => {
  test('goes on after the next start, a reset and the unmount', async () => {
    const { client, calls } = scriptedClient();
    const runs = ['a', 'b', 'c'].map((prompt) => client.stream(prompt));
    const { result, unmount } = renderStream();
    act(() => void result.current.start(runs[0]!));
    act(() => void result.current.start(runs[1]!));
    act(() => result.current.reset());
    act(() => void result.current.start(runs[2]!));
    unmount();
    await macrotask();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    for (const call of calls) {
      call.text('whole');
      call.finish();
    }
    for (const run of runs) await expect(run.result).resolves.toMatchObject({ text: 'whole' });
  });

  test('is ended by stop', async () => {
    const { client, calls } = scriptedClient();
    const { result } = renderStream();
    act(() => void result.current.start(client.stream('hi')));
    calls[0]!.text('Some');
    await waitFor(() => expect(result.current.text).toBe('Some'));
    act(() => result.current.stop());
    expect(result.current).toMatchObject({ status: 'ready', finishReason: 'aborted', text: 'Some' });
    expect(calls[0]!.signal.aborted).toBe(true);
  });

  test('shows what it already has', async () => {
    const run = runFrom(generate('Hello, ', 'world'));
    await run.result;
    const onFinish = vi.fn<(completion: Completion) => void>();
    const { result } = renderStream({ onFinish });
    act(() => void result.current.start(run));
    expect(result.current).toMatchObject({ id: run.id, status: 'ready', text: 'Hello, world' });
    await waitFor(() => expect(onFinish).toHaveBeenCalledOnce());
  });

  test('calls nobody once another one is shown, or the component is gone', async () => {
    const { client, calls } = scriptedClient();
    const onFinish = vi.fn<(completion: Completion) => void>();
    const { result, unmount } = renderStream({ onFinish });
    const runs = [client.stream('a'), client.stream('b')];
    for (const run of runs) act(() => void result.current.start(run));
    calls[0]!.text('a');
    calls[0]!.finish();
    await runs[0]!.result;
    expect(onFinish).not.toHaveBeenCalled();
    expect(result.current.text).toBe('');
    unmount();
    calls[1]!.text('b');
    calls[1]!.finish();
    await runs[1]!.result;
    await microtasks();
    expect(onFinish).not.toHaveBeenCalled();
  });

  test('does not report an error once another one is shown', async () => {
    const onError = vi.fn<(error: LLMError) => void>();
    const { result } = renderStream({ onError });
    const failing = runFrom(generate<string>('Half', new Error('Broken')));
    act(() => void result.current.start(failing));
    act(() => void result.current.start(runFrom(channel<string>().stream)));
    await expect(failing.result).rejects.toThrow('Broken');
    await microtasks();
    expect(onError).not.toHaveBeenCalled();
    expect(result.current).toMatchObject({ status: 'submitted', error: undefined });
  });

  test('is given back by start', () => {
    const run = scriptedClient().client.stream('hi');
    const { result } = renderStream();
    act(() => expect(result.current.start(run)).toBe(run));
  });
});

test('start gives the run it makes', async () => {
  const { result } = renderStream();
  const run = result.current.start(generate('Hello'));
  await expect(act(() => run.result)).resolves.toMatchObject({ text: 'Hello' });
  expect(result.current.id).toBe(run.id);
});

test('callbacks are those of the latest render', async () => {
  const first = vi.fn<() => void>();
  const second = vi.fn<() => void>();
  const { stream, close } = channel<string>();
  const { result, rerender } = renderStream({ onFinish: first });
  act(() => void result.current.start(stream));
  rerender({ onFinish: second });
  close();
  await waitFor(() => expect(second).toHaveBeenCalledOnce());
  expect(first).not.toHaveBeenCalled();
});

test('in StrictMode a source is made once and goes on', async () => {
  const make = vi.fn<() => StreamSource>(() => generate('Hello'));
  const { result } = renderHook(() => useStream(), { wrapper: StrictMode });
  act(() => void result.current.start(make));
  await waitFor(() => expect(result.current).toMatchObject({ status: 'ready', text: 'Hello' }));
  expect(make).toHaveBeenCalledOnce();
});

test('what is started after the unmount is aborted', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderStream();
  unmount();
  await macrotask();
  result.current.start(() => client.stream('anybody?'));
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
});

test('the functions keep their identity', async () => {
  const { result, rerender } = renderStream();
  const { start, stop, reset } = result.current;
  rerender({ onFinish: () => undefined });
  act(() => void start(generate('Hello')));
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(result.current.start).toBe(start);
  expect(result.current.stop).toBe(stop);
  expect(result.current.reset).toBe(reset);
});
