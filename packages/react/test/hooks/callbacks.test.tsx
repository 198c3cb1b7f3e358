import type { LLMError, StreamEvent } from '@rivulet/core';
import { useCompletion, useObject, useStream, type UseCompletionOptions } from '@rivulet/react';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';

failOnConsoleErrors();

/** Collects what callbacks throw, which is reported as an unhandled rejection. */
function reported(): unknown[] {
  const reasons: unknown[] = [];
  function listen(event: PromiseRejectionEvent): void {
    event.preventDefault();
    event.stopImmediatePropagation();
    reasons.push(event.reason);
  }
  window.addEventListener('unhandledrejection', listen, true);
  onTestFinished(() => window.removeEventListener('unhandledrejection', listen, true));
  return reasons;
}

const note = z.object({ text: z.string() });

test.each<[string, (error: Error) => unknown]>([
  [
    'throws',
    (error) => {
      throw error;
    },
  ],
  [
    'rejects',
    async (error) => {
      throw error;
    },
  ],
])('a callback that %s is reported, and the hook stays usable', async (_name, fail) => {
  const reasons = reported();
  const thrown = new Error('of the app');
  const { client, calls } = scriptedClient();
  const callback = (): void => void fail(thrown);
  const onFinish = (): never => fail(thrown) as never;
  const { result } = renderHook(() => useCompletion({ client, onFinish, onError: callback }));
  for (const [index, text] of ['one', 'two'].entries()) {
    let answer: unknown;
    act(() => void result.current.complete('hi').then((completed) => (answer = completed)));
    await waitFor(() => expect(calls).toHaveLength(index + 1));
    calls[index]!.text(text);
    calls[index]!.finish();
    await waitFor(() => expect(answer).toBe(text));
    await waitFor(() => expect(reasons).toHaveLength(index + 1));
  }
  expect(reasons).toEqual([thrown, thrown]);
  // The test runner has logged them.
  vi.mocked(console.error).mockClear();
});

test.each<[string, unknown, string]>([
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 5, 'a number'],
  ['a list', ['a'], 'a list'],
  ['a promise', Promise.resolve('a'), 'a promise'],
])('useObject: submit of %s is an error, and nothing is sent', async (_name, asked, named) => {
  const { client, calls } = scriptedClient();
  const onError = vi.fn<(error: LLMError) => void>();
  const { result } = renderHook(() =>
    useObject({ client, schema: note, request: (input: unknown) => input as string, onError }),
  );
  let answer: unknown = 'pending';
  await act(async () => {
    answer = await result.current.submit(asked);
  });
  expect(answer).toBeNull();
  expect(result.current).toMatchObject({ status: 'error', error: { code: 'invalid_request' } });
  expect(result.current.error?.message).toContain(`not ${named}`);
  expect(onError).toHaveBeenCalledOnce();
  expect(calls).toHaveLength(0);

  act(() => void result.current.submit('hi'));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('{"text":"a"}');
  calls[0]!.finish();
  await waitFor(() => expect(result.current).toMatchObject({ final: { text: 'a' }, status: 'ready' }));
  act(() => result.current.clear());
  expect(result.current.error).toBeUndefined();
});

test.each([undefined, null, 5, [], Promise.resolve('a')])('useCompletion: complete(%s) is an error', async (asked) => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(() => useCompletion({ client }));
  await act(async () => {
    expect(await result.current.complete(asked as never)).toBeNull();
  });
  expect(result.current).toMatchObject({ status: 'error', error: { code: 'invalid_request' } });
  expect(calls).toHaveLength(0);
});

test('texts of a wrong type are rendered as empty', () => {
  const { client } = scriptedClient();
  const options = { client, initialCompletion: { a: 1 }, initialInput: 5 } as unknown as UseCompletionOptions;
  const { result } = renderHook(() => useCompletion(options));
  expect([result.current.completion, result.current.input]).toEqual(['', '']);
  act(() => result.current.setCompletion({ a: 1 } as never));
  act(() => result.current.setInput([] as never));
  act(() => result.current.handleSubmit());
  expect([result.current.completion, result.current.input]).toEqual(['', '']);
});

test('a title of a source that is not text never reaches React', async () => {
  function Shown(): React.ReactElement {
    const { message, finishReason, start } = useStream();
    return (
      <>
        <button onClick={() => start(events())}>Start</button>
        <output>
          {message.parts.map((part, index) => (part.type === 'source' ? <i key={index}>{part.title}</i> : null))}
          {finishReason}
        </output>
      </>
    );
  }
  async function* events(): AsyncGenerator<StreamEvent> {
    await macrotask();
    yield { type: 'source', source: { id: 'a', url: 'https://example.com', title: { a: 1 } } } as never;
    yield { type: 'finish', reason: 'stop' };
  }
  render(<Shown />);
  act(() => screen.getByText('Start').click());
  await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('stop'));
});
