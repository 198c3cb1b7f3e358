'use client';

import type { Store } from '@rivulet/core';
import {
  useQueryClient,
  type QueryClient,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { queryRunOf } from './query-run.ts';

/** The run behind a query. */
export interface QueryRunView<S> {
  /**
   * What has come of the answer that is being made, also after it was stopped or failed; `undefined` once `data` has all
   * of it, and where the answer comes from elsewhere: a cache, a server.
   */
  readonly partial: S | undefined;
  /**
   * Stops the run, for all components with the same key; `partial` stays. The query goes back to what it was before:
   * `pending` where there was no answer yet, so the next component that mounts, or `refetch`, asks again.
   */
  readonly stop: () => void;
}

/** @param result what `useQuery` made of the same options just before. */
export function useQueryRun<S extends { readonly finishReason?: unknown }, Data, E, Selected, Key extends QueryKey>(
  options: UseQueryOptions<Data, E, Selected, Key>,
  { status, fetchStatus }: UseQueryResult<Selected, E>,
  queryClient?: QueryClient,
): QueryRunView<S> {
  const client = useQueryClient(queryClient);
  const query = client.getQueryCache().get(client.defaultQueryOptions(options).queryHash);
  const queryRun = query && options.subscribed !== false ? queryRunOf<S>(query) : undefined;
  // A page that is hydrated shows what its server did, which is never a part of an answer.
  const { subscribe, getSnapshot } = queryRun ?? NONE;
  const partial = useSyncExternalStore<S | undefined>(subscribe, getSnapshot, NONE.getSnapshot);
  const stop = useCallback(() => void query?.cancel({ revert: true }), [query]);
  const isAnswered = status === 'success' && fetchStatus === 'idle';
  return { partial: isAnswered && partial?.finishReason !== 'aborted' ? undefined : partial, stop };
}

const NONE: Store<undefined> = {
  getSnapshot: () => undefined,
  subscribe: () => () => undefined,
};
