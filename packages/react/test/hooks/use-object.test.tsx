import { LLMClient, type GenerateRequest, type LLMError, type ObjectCompletion, type ObjectRun } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { LLMClientProvider, useObject, useObjectField } from '@rivulet/react';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { memo, Profiler, StrictMode, useState, type ReactElement } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { z } from 'zod';
import { clientOf, delta, END, says, serve } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient, type ScriptedCall } from '../support/scripted-client.ts';
import { macrotask, microtasks } from '../support/turns.ts';

failOnConsoleErrors();

const recipe = z.object({
  title: z.string(),
  servings: z.number().default(4),
  steps: z.array(z.object({ text: z.string().min(3) })),
});
const soup = { title: 'Soup', steps: [{ text: 'Boil' }] };

/** Waits until the model has been asked, which it is a little after `submit`. */
async function call(calls: ReturnType<typeof scriptedClient>['calls'], index = 0): Promise<(typeof calls)[number]> {
  await waitFor(() => expect(calls.length).toBeGreaterThan(index));
  return calls[index]!;
}

test('an object fills, and is final when the schema accepts it', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<(completion: ObjectCompletion<unknown>, dish: string) => void>();
  const { result } = renderHook(() =>
    useObject({ client, schema: recipe, request: (dish: string) => `A recipe for ${dish}`, onFinish }),
  );
  expect(result.current).toMatchObject({ object: undefined, final: undefined, status: 'ready', isLoading: false });
  expect(result.current.run).toBeUndefined();
  expect(result.current.fieldStatus('title')).toBe('absent');

  let answer!: Promise<unknown>;
  act(() => {
    answer = result.current.submit('soup');
  });
  expect(result.current).toMatchObject({ status: 'submitted', isLoading: true });
  const { request, text, finish } = await call(calls);
  expect(request.messages?.at(-1)?.content).toBe('A recipe for soup');
  text('{"title":"So');
  await waitFor(() => expect(result.current).toMatchObject({ status: 'streaming', object: { title: 'So' } }));
  expect(result.current.fieldStatus('title')).toBe('streaming');
  text('up","steps":[{"text":"Boil"}');
  await waitFor(() => expect(result.current.object).toEqual(soup));
  expect(result.current.fieldStatus('steps[0].text')).toBe('complete');
  expect(result.current.final).toBeUndefined();
  text(']}');
  finish();
  await waitFor(() => expect(result.current.final).toEqual({ ...soup, servings: 4 }));
  expect(result.current).toMatchObject({ object: soup, status: 'ready', finishReason: 'stop', isLoading: false });
  await expect(answer).resolves.toEqual({ ...soup, servings: 4 });
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ object: result.current.final }), 'soup');
});

test('an object behind a thought and an example is final, and neither of them is', async () => {
  const draft = '{"title":"Draft","steps":[]}';
  const answer = `<think>\nMaybe ${draft}?\n</think>\n\nAs in ${draft}: ${JSON.stringify(soup)} [1]`;
  const url = await serve({
    chunks: [
      {
        text:
          answer
            .split('')
            .map((content) => delta({ content }))
            .join('') + END,
      },
    ],
  });
  const { result } = renderHook(() => useObject({ client: clientOf(url), schema: recipe }));
  await expect(act(() => result.current.submit('soup'))).resolves.toEqual({ ...soup, servings: 4 });
  expect(result.current).toMatchObject({ object: soup, final: { ...soup, servings: 4 }, status: 'ready', issues: [] });
  expect(result.current.fieldStatus('title')).toBe('complete');
  expect(result.current.run?.getSnapshot().reasoning).toBe(`Maybe ${draft}?`);
});

test('what does not fit is an error, with its issues', async () => {
  const client = new LLMClient({ provider: scripted('{"title":7,"steps":[{"text":"x"}]}') });
  const onError = vi.fn<(error: LLMError, input: unknown) => void>();
  const onFinish = vi.fn<() => void>();
  const { result } = renderHook(() => useObject({ client, schema: recipe, onError, onFinish }));
  await expect(act(() => result.current.submit('soup'))).resolves.toBeNull();
  expect(result.current).toMatchObject({
    status: 'error',
    error: { code: 'validation' },
    issues: [{ path: ['title'] }, { path: ['steps', 0, 'text'] }],
    final: undefined,
    object: { title: 7 },
  });
  expect(result.current.fieldStatus(['steps', 0])).toBe('invalid');
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error, 'soup');
  expect(onFinish).not.toHaveBeenCalled();
});

test.for([
  ['is cut', 'truncated', '{"title":"Soup","steps":[{"text":"Bo', ({ cut }: ScriptedCall) => cut()],
  ['stops being JSON', 'parse', '{"title":"Soup","steps":[{"text":"Bo" = ', ({ finish }: ScriptedCall) => finish()],
  ['is refused', 'refusal', '{"title":"Soup","steps":[{"text":"Bo', ({ refuse }: ScriptedCall) => refuse()],
  ['ends within the JSON', 'truncated', '{"title":"Soup","steps":[{"text":"Bo', ({ finish }: ScriptedCall) => finish()],
] as const)(
  'an answer that %s in the middle is an error that keeps what came, and never final',
  async ([, code, half, end]) => {
    const { client, calls } = scriptedClient();
    const finals: unknown[] = [];
    const onError = vi.fn<(error: LLMError, input: unknown) => void>();
    const { result } = renderHook(() => {
      const object = useObject({ client, schema: recipe, onError });
      finals.push(object.final);
      return object;
    });
    let answer!: Promise<unknown>;
    act(() => {
      answer = result.current.submit('soup');
    });
    const asked = await call(calls);
    asked.text(half);
    end(asked);
    await waitFor(() => expect(result.current).toMatchObject({ status: 'error', error: { code } }));
    await expect(answer).resolves.toBeNull();
    expect(result.current.object).toEqual({ title: 'Soup', steps: [{ text: 'Bo' }] });
    expect(result.current.error?.partial?.rawText).toBe(half);
    expect(result.current.fieldStatus('title')).toBe('complete');
    expect(result.current.fieldStatus('steps')).not.toBe('complete');
    expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error, 'soup');
    expect(finals.every((final) => final === undefined)).toBe(true);

    act(() => void result.current.submit('soup'));
    expect(result.current).toMatchObject({ status: 'submitted', error: undefined, object: undefined, issues: [] });
  },
);

test('without a request, what is submitted is the prompt, or the request', async () => {
  const provider = scripted(JSON.stringify(soup));
  const client = new LLMClient({ provider, temperature: 0.1 });
  const { result } = renderHook(() => useObject({ client, schema: recipe, temperature: 0.2, system: 'Cook.' }));
  await act(() => result.current.submit('soup'));
  await act(() => result.current.submit({ messages: [{ role: 'user', content: 'salad' }], temperature: 0.3 }));
  expect(provider.requests).toMatchObject([
    { messages: [{ content: 'soup' }], temperature: 0.2, system: 'Cook.' },
    { messages: [{ content: 'salad' }], temperature: 0.3, system: 'Cook.' },
  ]);
  // What belongs to the hook stays there.
  for (const request of provider.requests) {
    expect(Object.keys(request)).not.toContain('client');
    expect(Object.keys(request)).not.toContain('schema');
  }
});

test('a request that gives nothing sends nothing, and not what was submitted', async () => {
  const provider = scripted(JSON.stringify(soup));
  const client = new LLMClient({ provider });
  const { result } = renderHook(() =>
    useObject({ client, schema: recipe, request: (() => undefined) as unknown as () => string }),
  );
  await act(() => result.current.submit('soup'));
  expect(result.current.error?.message).toContain('prompt');
  expect(provider.requests).toEqual([]);
});

test('stop keeps what came and tells nobody; clear goes back to the start', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<() => void>();
  const onError = vi.fn<() => void>();
  const { result } = renderHook(() => useObject({ client, schema: recipe, onFinish, onError }));
  let answer!: Promise<unknown>;
  act(() => {
    answer = result.current.submit('soup');
  });
  const { text, signal } = await call(calls);
  text('{"title":"So');
  await waitFor(() => expect(result.current.object).toEqual({ title: 'So' }));
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'ready', finishReason: 'aborted', object: { title: 'So' } });
  expect(signal.aborted).toBe(true);
  await expect(answer).resolves.toBeNull();
  act(() => result.current.clear());
  expect(result.current).toMatchObject({ status: 'ready', object: undefined, run: undefined });
  expect(result.current.finishReason).toBeUndefined();
  expect([onFinish, onError].flatMap(({ mock }) => mock.calls)).toEqual([]);
});

test('a new submit aborts the one before', async () => {
  const { client, calls } = scriptedClient();
  const onFinish = vi.fn<(completion: ObjectCompletion<unknown>, input: unknown) => void>();
  const { result } = renderHook(() => useObject({ client, schema: z.object({ n: z.number() }), onFinish }));
  let first!: Promise<unknown>;
  let second!: Promise<unknown>;
  act(() => {
    first = result.current.submit('one');
  });
  const before = await call(calls);
  before.text('{"n":1');
  act(() => {
    second = result.current.submit('two');
  });
  await expect(first).resolves.toBeNull();
  expect(before.signal.aborted).toBe(true);
  before.text('}');
  before.finish();
  const { text, finish } = await call(calls, 1);
  text('{"n":2}');
  finish();
  await expect(act(() => second)).resolves.toEqual({ n: 2 });
  expect(result.current.final).toEqual({ n: 2 });
  expect(onFinish.mock.calls.map(([, input]) => input)).toEqual(['two']);
});

test('callbacks and options are those of the latest render', async () => {
  const { client, calls } = scriptedClient();
  const seen: string[] = [];
  const { result, rerender } = renderHook(
    ({ name }) =>
      useObject({
        client,
        schema: z.object({ n: z.number() }),
        request: (input: string) => `${name}: ${input}`,
        onFinish: () => void seen.push(name),
      }),
    { initialProps: { name: 'first' } },
  );
  const { submit } = result.current;
  rerender({ name: 'second' });
  let answer!: Promise<unknown>;
  act(() => {
    answer = submit('n');
  });
  rerender({ name: 'third' });
  const { request, text, finish } = await call(calls);
  text('{"n":1}');
  finish();
  await act(() => answer);
  expect(request.messages?.at(-1)?.content).toBe('second: n');
  expect(seen).toEqual(['third']);
  expect(result.current.submit).toBe(submit);
});

test('in StrictMode a click sends one request', async () => {
  const url = await serve({ chunks: [{ text: says(JSON.stringify(soup)) }] });
  function Page(): ReactElement {
    const { submit, final } = useObject({ schema: recipe });
    return <button onClick={() => void submit('soup')}>{final?.title}</button>;
  }
  render(
    <StrictMode>
      <LLMClientProvider client={clientOf(url)}>
        <Page />
      </LLMClientProvider>
    </StrictMode>,
  );
  await userEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('button').textContent).toBe('Soup'));
  const requests = await commands.requests(url);
  expect(requests).toHaveLength(1);
  expect(JSON.parse(requests[0]!.body)).toHaveProperty('response_format.json_schema.strict', true);
});

test('the unmount aborts a macrotask later, and not sooner', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderHook(() => useObject({ client, schema: recipe }));
  let answer!: Promise<unknown>;
  act(() => {
    answer = result.current.submit('soup');
  });
  const { signal } = await call(calls);
  const { submit } = result.current;
  unmount();
  await microtasks();
  expect(signal.aborted).toBe(false);
  await macrotask();
  expect(signal.aborted).toBe(true);
  await expect(answer).resolves.toBeNull();
  await expect(submit('anybody?')).resolves.toBeNull();
  expect(calls).toHaveLength(1);
});

test('a list gives its elements', async () => {
  const client = new LLMClient({ provider: scripted('[{"n":1},{"n":2}]') });
  const { result } = renderHook(() => useObject({ client, array: z.object({ n: z.number() }) }));
  await act(() => result.current.submit('numbers'));
  expect(result.current.final).toEqual([{ n: 1 }, { n: 2 }]);
  const elements: { n: number }[] = [];
  for await (const element of result.current.run!.elementStream) elements.push(element);
  expect(elements).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a request that throws rejects, and leaves the hook as it was', async () => {
  const { client } = scriptedClient();
  const request = (): GenerateRequest => {
    throw new Error('no such dish');
  };
  const { result } = renderHook(() => useObject({ client, schema: recipe, request }));
  await expect(result.current.submit('x')).rejects.toThrow('no such dish');
  expect(result.current.status).toBe('ready');
});

test('a field renders only when it changes', async () => {
  const { client, calls } = scriptedClient();
  const renders: Record<string, string[]> = { title: [], 'steps.0.text': [] };
  type Run = ObjectRun<unknown, { title?: string; steps?: readonly { text?: string }[] }> | undefined;
  const Field = memo(function Field({ run, path }: { run: Run; path: 'title' | 'steps.0.text' }): ReactElement {
    const { value, status, issues } = useObjectField(run, path);
    renders[path]!.push(`${value} ${status} ${issues.length}`);
    return <output>{value}</output>;
  });
  let run: Run;
  let submit!: (input: string) => Promise<unknown>;
  function Page(): ReactElement {
    const result = useObject({ client, schema: recipe });
    run = result.run;
    submit = result.submit;
    return (
      <>
        <Field run={run} path="title" />
        <Field run={run} path="steps.0.text" />
      </>
    );
  }
  render(<Page />);
  act(() => void submit('soup'));
  const { text, finish } = await call(calls);
  const shown = (path: string): string | undefined => renders[path]!.at(-1);
  text('{"title":"So');
  await waitFor(() => expect(shown('title')).toBe('So streaming 0'));
  text('up",');
  await waitFor(() => expect(shown('title')).toBe('Soup complete 0'));
  const titles = renders['title']!.length;
  text('"steps":[{"text":"x');
  await waitFor(() => expect(shown('steps.0.text')).toBe('x streaming 0'));
  text('"}');
  await waitFor(() => expect(shown('steps.0.text')).toBe('x invalid 1'));
  const texts = renders['steps.0.text']!.length;
  text(',{"text":"another"},{"text":"third"}');
  await waitFor(() => expect(run?.getSnapshot().object?.steps).toHaveLength(3));
  text(']}');
  finish();
  await act(() => run!.result.catch(() => undefined));
  expect(renders['title']).toHaveLength(titles);
  expect(renders['steps.0.text']).toHaveLength(texts);
  expect(renders['steps.0.text']![0]).toBe('undefined absent 0');
});

test('a field takes its path as an array that is new each time, and follows another run', async () => {
  const client = new LLMClient({ provider: scripted('{"items":[{"name":"beet"}]}') });
  const schema = z.object({ items: z.array(z.object({ name: z.string() })) });
  const { result } = renderHook(() => {
    const { run, submit, clear } = useObject({ client, schema });
    return { submit, clear, field: useObjectField(run, ['items', 0, 'name']), list: useObjectField(run, 'items') };
  });
  expect(result.current.field).toEqual({ value: undefined, status: 'absent', issues: [] });
  await act(() => result.current.submit('x'));
  expect(result.current.field).toEqual({ value: 'beet', status: 'complete', issues: [] });
  expect(result.current.list.value).toEqual([{ name: 'beet' }]);
  act(() => result.current.clear());
  expect(result.current.field.status).toBe('absent');
});

interface Row {
  readonly id?: number;
  readonly name?: string;
  readonly note?: string;
}

const table = {
  rows: Array.from({ length: 200 }, (_, id) => ({ id, name: `Row number ${id}`, note: 'Some words to fill it' })),
};
const ofTable = z.object({ rows: z.array(z.object({ id: z.number(), name: z.string(), note: z.string() })) });

test('of 200 rows in pieces of 4 characters, a closed row renders at most once more', async () => {
  const client = new LLMClient({ provider: scripted(JSON.stringify(table), { tokensPerSecond: 8000 }) });
  const closedRenders = new Map<number, number>();
  let commits = 0;
  let frames = 0;
  let frame = requestAnimationFrame(function count() {
    frames += 1;
    frame = requestAnimationFrame(count);
  });
  onTestFinished(() => cancelAnimationFrame(frame));
  const RowView = memo(function RowView({ row, index }: { row: Row; index: number }): ReactElement {
    return (
      <Profiler
        id={String(index)}
        onRender={() => {
          if (row.note === table.rows[index]!.note) closedRenders.set(index, (closedRenders.get(index) ?? 0) + 1);
        }}
      >
        <li>{`${row.id} ${row.name} ${row.note}`}</li>
      </Profiler>
    );
  });
  function Page(): ReactElement {
    const { object, submit, status } = useObject({ client, schema: ofTable });
    return (
      <Profiler id="page" onRender={() => (commits += 1)}>
        <button data-status={status} onClick={() => void submit('rows')}>
          Fill
        </button>
        <ul>
          {object?.rows?.map((row, index) => (
            <RowView key={index} row={row} index={index} />
          ))}
        </ul>
      </Profiler>
    );
  }
  render(<Page />);
  await userEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('button').dataset['status']).toBe('ready'), { timeout: 10_000 });
  expect(screen.getAllByRole('listitem')).toHaveLength(200);
  expect(commits).toBeGreaterThan(5);
  // Besides the frames: at first, as submitted, with the first content, and at the end.
  expect(commits).toBeLessThanOrEqual(frames + 4);
  expect(closedRenders.size).toBe(200);
  expect(Math.max(...closedRenders.values())).toBeLessThanOrEqual(2);
});

test('typing in another field goes on while 200 rows come', async () => {
  const typing = { isOver: false };
  const client = new LLMClient({
    provider: scripted(async function* () {
      // As fast as it can, and again and again, until there was enough time to type.
      yield '{"rows":[';
      const row = JSON.stringify(table.rows[0]);
      for (let index = 0; !typing.isOver || index < 200; index += 1) {
        for (const piece of `${index ? ',' : ''}${row}`.match(/[^]{1,4}/g) ?? []) yield piece;
        await new Promise((resolve) => setTimeout(resolve));
      }
      yield ']}';
    }),
  });
  const typed: { value: string; rows: number }[] = [];
  function Notes(): ReactElement {
    const [value, setValue] = useState('');
    return <textarea aria-label="Notes" value={value} onChange={(event) => setValue(event.target.value)} />;
  }
  const RowView = memo(function RowView({ row }: { row: Row }): ReactElement {
    return <li>{row.name}</li>;
  });
  function Page(): ReactElement {
    const { object, submit, status } = useObject({ client, schema: ofTable });
    return (
      <>
        <Notes />
        <button data-status={status} onClick={() => void submit('rows')}>
          Fill
        </button>
        <ul>
          {object?.rows?.map((row, index) => (
            <RowView key={index} row={row} />
          ))}
        </ul>
      </>
    );
  }
  render(<Page />);
  await userEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getAllByRole('listitem').length).toBeGreaterThan(5));
  const notes = screen.getByLabelText<HTMLTextAreaElement>('Notes');
  await userEvent.click(notes);
  for (const key of 'responsive') {
    await userEvent.keyboard(key);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    typed.push({ value: notes.value, rows: screen.getAllByRole('listitem').length });
  }
  expect(screen.getByRole('button').dataset['status']).toBe('streaming');
  typing.isOver = true;
  // Each key shows with the next frame, while rows keep coming.
  expect(typed.map(({ value }) => value)).toEqual(
    Array.from('responsive', (_, index) => 'responsive'.slice(0, index + 1)),
  );
  expect(typed.at(-1)!.rows).toBeGreaterThan(typed[0]!.rows);
  await waitFor(() => expect(screen.getByRole('button').dataset['status']).toBe('ready'), { timeout: 10_000 });
});
