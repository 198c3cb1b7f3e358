import { LLMClient, type Run } from '@rivulet/core';
import { scripted, type ScriptedProvider } from '@rivulet/core/scripted';
import { completionMutationOptions, completionQueryOptions, useCompletionQuery } from '@rivulet/react/query';
import { dehydrate, hydrate, MutationObserver, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  expect(console.error).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

function model(): { provider: ScriptedProvider; client: LLMClient } {
  const provider = scripted('A whole answer');
  return { provider, client: new LLMClient({ provider, model: 'model-1' }) };
}

function pageOf(client: LLMClient, queryClient: QueryClient): string {
  function Page(): ReactElement {
    const { data, partial, status } = useCompletionQuery(completionQueryOptions(client, 'hello'));
    return <p title={status}>{partial?.text ?? data?.text}</p>;
  }
  return renderToString(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Page />
      </QueryClientProvider>
    </StrictMode>,
  );
}

test('rendering asks nothing', () => {
  const { client, provider } = model();
  expect(pageOf(client, new QueryClient())).toBe('<p title="pending"></p>');
  expect(provider.requests).toEqual([]);
});

test('what was prefetched is rendered, goes to the page as JSON, and is not asked for there', async () => {
  const { client, provider } = model();
  const queryClient = new QueryClient();
  await queryClient.prefetchQuery(completionQueryOptions(client, 'hello'));
  expect(pageOf(client, queryClient)).toBe('<p title="success">A whole answer</p>');

  const browser = new QueryClient();
  hydrate(browser, JSON.parse(JSON.stringify(dehydrate(queryClient))));
  const { client: unused, provider: unasked } = model();
  expect(pageOf(unused, browser)).toBe('<p title="success">A whole answer</p>');
  expect(await browser.ensureQueryData(completionQueryOptions(unused, 'hello'))).toMatchObject({
    text: 'A whole answer',
  });
  expect(provider.requests).toHaveLength(1);
  expect(unasked.requests).toHaveLength(0);
  browser.clear();
});

test('what is under way is neither rendered nor dehydrated', async () => {
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* reply(): AsyncGenerator<string> {
    yield 'A wh';
    await held;
    yield 'ole answer';
  }
  const client = new LLMClient({ provider: scripted(reply) });
  const queryClient = new QueryClient();
  const stream = vi.spyOn(client, 'stream');
  const prefetched = queryClient.prefetchQuery(completionQueryOptions(client, 'hello'));
  const run = stream.mock.results[0]?.value as Run;
  await vi.waitFor(() => expect(run.getSnapshot().text).toBe('A wh'));
  expect(pageOf(client, queryClient)).toBe('<p title="pending"></p>');
  expect(dehydrate(queryClient)).toEqual({ mutations: [], queries: [] });
  goOn();
  await prefetched;
  expect(pageOf(client, queryClient)).toBe('<p title="success">A whole answer</p>');
});

test('no timer keeps the cache of a visitor, or the process', async () => {
  vi.useFakeTimers();
  try {
    const { client } = model();
    const queryClient = new QueryClient();
    await queryClient.prefetchQuery(completionQueryOptions(client, 'hello'));
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('visitors share nothing, though the options are made once for all', async () => {
  const { client, provider } = model();
  const options = completionQueryOptions(client, 'hello');
  await Promise.all([new QueryClient().fetchQuery(options), new QueryClient().fetchQuery(options)]);
  expect(provider.requests).toHaveLength(2);
});

test('an onRun that throws is reported, and harms nothing', async () => {
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen);
  try {
    const failure = new Error('mine');
    const options = completionMutationOptions(model().client, {
      onRun() {
        throw failure;
      },
    });
    const answer = await new MutationObserver(new QueryClient(), options).mutate('hello');
    expect(answer.text).toBe('A whole answer');
    await new Promise((resolve) => setTimeout(resolve));
    expect(unhandled).toEqual([failure]);
  } finally {
    process.off('unhandledRejection', listen);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
});
