import { completionQueryOptions, useCompletionQuery } from '@rivulet/react/query';
import {
  persistQueryClientRestore,
  persistQueryClientSubscribe,
  type PersistedClient,
  type Persister,
} from '@tanstack/query-persist-client-core';
import type { QueryClient } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import { expect, onTestFinished, test } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { inStrictMode, queryClientOf } from './support/query-client.tsx';

failOnConsoleErrors();

/** The persister's package brings types of its own for a version of the query core that lags behind. */
function persisted(queryClient: QueryClient, persister: Persister): { queryClient: never; persister: Persister } {
  return { queryClient: queryClient as never, persister };
}

/** Keeps what it is given as JSON, each version of it. */
function memoryPersister(): Persister & { readonly versions: string[] } {
  const versions: string[] = [];
  return {
    versions,
    persistClient: (client) => void versions.push(JSON.stringify(client)),
    restoreClient: () => (versions.length > 0 ? (JSON.parse(versions.at(-1)!) as PersistedClient) : undefined),
    removeClient: () => void versions.splice(0),
  };
}

test('a persister sees the answer when it is whole, and never before', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const persister = memoryPersister();
  onTestFinished(persistQueryClientSubscribe(persisted(queryClient, persister)));
  const { result } = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'hello')),
    inStrictMode(queryClient),
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  for (let at = 0; at < 20; at += 1) {
    calls[0]!.text('part ');
    await macrotask();
  }
  await waitFor(() => expect(result.current.partial?.text).toContain('part part'));
  const before = persister.versions.length;
  expect(persister.versions.join()).not.toContain('part');
  calls[0]!.text('end');
  calls[0]!.finish();
  await waitFor(() => expect(result.current.data?.text).toMatch(/end$/));
  await waitFor(() => expect(persister.versions.at(-1)).toContain('end'));
  // Whatever is told per token, the persister is not.
  expect(before).toBeLessThan(6);
  expect(
    persister.versions.filter((version) => version.includes('part')).every((version) => version.includes('end')),
  ).toBe(true);

  const later = queryClientOf();
  await persistQueryClientRestore(persisted(later, persister));
  const { client: again, calls: askedAgain } = scriptedClient();
  const restored = renderHook(() => useCompletionQuery(completionQueryOptions(again, 'hello')), inStrictMode(later));
  expect(restored.result.current.data).toEqual(result.current.data);
  await macrotask();
  expect(askedAgain).toHaveLength(0);
});

test('a run that is stopped or fails leaves a persister nothing', async () => {
  const { client, calls } = scriptedClient();
  const queryClient = queryClientOf();
  const persister = memoryPersister();
  onTestFinished(persistQueryClientSubscribe(persisted(queryClient, persister)));
  const stopped = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'stopped')),
    inStrictMode(queryClient),
  );
  const failed = renderHook(
    () => useCompletionQuery(completionQueryOptions(client, 'failed')),
    inStrictMode(queryClient),
  );
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[0]!.text('part ');
  calls[1]!.text('part ');
  await waitFor(() => expect(failed.result.current.partial?.text).toBe('part '));
  stopped.unmount();
  calls[1]!.cut();
  await waitFor(() => expect(failed.result.current.status).toBe('error'));
  await macrotask();
  expect(persister.versions.join()).not.toContain('part');
});
