import { LLMClient, type StandardSchema } from '@rivulet/core';
import { scripted, type ScriptedProvider } from '@rivulet/core/scripted';
import { objectQueryOptions, useObjectQuery } from '@rivulet/react/query';
import { dehydrate, hydrate, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import { Suspense, type ReactElement } from 'react';
import { describe, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { z } from 'zod';
import { clientOf, END, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { inStrictMode, queryClientOf } from './support/query-client.tsx';

failOnConsoleErrors();

const recipe = z.object({ title: z.string(), steps: z.array(z.string()) });
const request = { prompt: 'Borscht', schema: recipe };

function modelOf(answer: string): { client: LLMClient; provider: ScriptedProvider } {
  const provider = scripted(answer);
  return { client: new LLMClient({ provider, retry: false }), provider };
}

test('shows the object while it is written, then the whole of it, from one request of two components', async () => {
  const url = await serve({
    chunks: [{ text: text('{"title":"Borscht","steps":["Chop') }, { text: text(' beets"]}') + END, gate: 'rest' }],
  });
  const client = clientOf(url);
  const { result } = renderHook(
    () => ({
      live: useObjectQuery(objectQueryOptions(client, request)),
      other: useQuery(objectQueryOptions(client, request)),
    }),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(result.current.live.partial?.object).toEqual({ title: 'Borscht', steps: ['Chop'] }));
  expect(result.current.live).toMatchObject({ status: 'pending', data: undefined });
  expect(result.current.live.partial?.fieldStatus('title')).toBe('complete');
  expect(result.current.live.partial?.fieldStatus('steps')).toBe('streaming');

  await commands.release(url, 'rest');
  const whole = { title: 'Borscht', steps: ['Chop beets'] };
  await waitFor(() => expect(result.current.live.data?.object).toEqual(whole));
  await waitFor(() => expect(result.current.other.data?.object).toEqual(whole));
  expect(result.current.live.partial).toBeUndefined();
  await macrotask();
  expect(await commands.requests(url)).toMatchObject([{ finished: true, closedEarly: false }]);
});

test('a list is asked for by the schema of its elements', async () => {
  const { client } = modelOf('{"elements":[{"title":"One","steps":[]},{"title":"Two","steps":[]}]}');
  const { result } = renderHook(
    () => useObjectQuery(objectQueryOptions(client, { prompt: 'Two', array: recipe, mode: 'prompt' })),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(result.current.isFetching).toBe(false));
  expect(result.current.error).toBeNull();
  expect(result.current.data?.object.map(({ title }) => title)).toEqual(['One', 'Two']);
});

test.each([
  ['does not fit its schema', '{"title":7,"steps":[]}', 'validation'],
  ['is cut', '{"title":"Bor', 'truncated'],
])('an object that %s is an error, and nothing of it is cached', async (_, answer, code) => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const { result } = renderHook(() => useObjectQuery(objectQueryOptions(client, request)), inStrictMode(queryClient));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text(answer);
  if (code === 'truncated') calls[0]!.cut();
  else calls[0]!.finish();
  await waitFor(() => expect(result.current.error).toMatchObject({ code }));
  expect(result.current).toMatchObject({ data: undefined, isLoadingError: true, partial: { status: 'error' } });
  expect(dehydrate(queryClient).queries).toEqual([]);
});

test('the run stops when the last component leaves, and then nothing is cached', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const options = objectQueryOptions(client, request);
  const { result, unmount } = renderHook(() => useObjectQuery(options), inStrictMode(queryClient));
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('{"title":"Bor');
  await waitFor(() => expect(result.current.partial?.object).toEqual({ title: 'Bor' }));
  unmount();
  expect(calls[0]!.signal.aborted).toBe(false);
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(queryClient.getQueryState(options.queryKey)).toMatchObject({ status: 'pending', data: undefined });
});

test('stop keeps what came in sight, and out of the cache', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(
    () => useObjectQuery(objectQueryOptions(client, request)),
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('{"title":"Bor');
  await waitFor(() => expect(result.current.partial?.object).toEqual({ title: 'Bor' }));
  act(() => result.current.stop());
  await waitFor(() => expect(result.current.partial?.finishReason).toBe('aborted'));
  expect(result.current).toMatchObject({ status: 'pending', error: null, partial: { object: { title: 'Bor' } } });
});

test('with Suspense the fallback can show what comes', async () => {
  const { client, calls } = scriptedClient();
  const options = objectQueryOptions(client, request);
  function Whole(): ReactElement {
    return <output>{useSuspenseQuery(options).data.object.title}</output>;
  }
  function SoFar(): ReactElement {
    return <p>{useObjectQuery(options).partial?.object?.title}</p>;
  }
  render(
    <Suspense fallback={<SoFar />}>
      <Whole />
    </Suspense>,
    inStrictMode(queryClientOf()),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('{"title":"Bor');
  await screen.findByText('Bor');
  calls[0]!.text('scht","steps":[]}');
  calls[0]!.finish();
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Borscht'));
  expect(calls).toHaveLength(1);
});

test('what was asked on a server is not asked for in the page', async () => {
  const server = modelOf('{"title":"Borscht","steps":[]}');
  const queryClient = queryClientOf();
  await queryClient.prefetchQuery(objectQueryOptions(server.client, request));
  const page = queryClientOf();
  hydrate(page, JSON.parse(JSON.stringify(dehydrate(queryClient))));
  const { client, provider } = modelOf('');
  const sameSchema = z.object({ title: z.string(), steps: z.array(z.string()) });
  const { object } = await page.ensureQueryData(objectQueryOptions(client, { ...request, schema: sameSchema }));
  expect(object).toEqual({ title: 'Borscht', steps: [] });
  expect(provider.requests).toEqual([]);
});

describe('the key', () => {
  const { client } = modelOf('');
  const idOf = (options: { queryKey: readonly [string, string, { id: string }] }): string => options.queryKey[2].id;

  test('tells schemas, prompts, lists and names apart', () => {
    const keys = [
      objectQueryOptions(client, request),
      objectQueryOptions(client, { ...request, prompt: 'Pho' }),
      objectQueryOptions(client, { ...request, schema: z.object({ title: z.string() }) }),
      objectQueryOptions(client, { ...request, schema: z.object({ title: z.string().describe('short') }) }),
      objectQueryOptions(client, { ...request, schema: z.object({ title: z.string().transform(Number) }) }),
      objectQueryOptions(client, { ...request, schema: z.object({ title: z.string().default('x') }) }),
      objectQueryOptions(client, { prompt: 'Borscht', array: recipe }),
      objectQueryOptions(client, { ...request, name: 'recipe' }),
      objectQueryOptions(client, { ...request, jsonSchema: { type: 'object' } }),
    ].map((options) => idOf(options));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is the same for the same schema, made anew, and is the id where there is one', () => {
    const again = z.object({ title: z.string(), steps: z.array(z.string()) });
    expect(idOf(objectQueryOptions(client, { ...request, schema: again }))).toBe(
      idOf(objectQueryOptions(client, request)),
    );
    expect(objectQueryOptions(client, request, { id: 'mine', attempt: 2 }).queryKey).toEqual([
      'rivulet',
      'object',
      { id: 'mine', attempt: 2 },
    ]);
  });
});

test.each<[string, unknown]>([
  ['a number', 5],
  ['an object without a standard', {}],
  ['a standard that is null', { '~standard': null }],
  [
    'a JSON Schema in a circle',
    {
      '~standard': {
        version: 1,
        vendor: 'x',
        validate: (value: unknown) => ({ value }),
        jsonSchema: {
          input() {
            const circle: Record<string, unknown> = {};
            circle['self'] = circle;
            return circle;
          },
          output: () => ({ maximum: 1n }),
        },
      },
    },
  ],
])('a malformed schema does not break the options, and fails the query alone: %s', async (_, schema) => {
  const { client } = scriptedClient();
  const options = objectQueryOptions(client, { prompt: 'hello', schema: schema as StandardSchema });

  expect(options.queryKey[0]).toBe('rivulet');
  await expect(queryClientOf().fetchQuery(options)).rejects.toBeInstanceOf(Error);
});
