'use client';

import type { Completion, RunSnapshot } from '@rivulet/core';
import { useQuery, type QueryClient, type UseQueryOptions, type UseQueryResult } from '@tanstack/react-query';
import type { CompletionQueryKey } from './completion-query-options.ts';
import type { RunError } from './run-error.ts';
import { useQueryRun, type QueryRunView } from './use-query-run.ts';

export type UseCompletionQueryResult<TData = Completion> = UseQueryResult<TData, RunError> & QueryRunView<RunSnapshot>;

/**
 * `useQuery` for the options that `completionQueryOptions` gives, and the answer while it comes: `data` is the whole
 * answer, `partial` the received part of one that is under way, was stopped or failed. Renders at most once a frame. No token goes through the query cache.
 *
 * ```tsx
 * const { data, partial, isFetching } = useCompletionQuery(completionQueryOptions(client, 'Why do rivers meander?'));
 * // After a refetch that was stopped, the whole answer before it.
 * const shown = isFetching ? (partial ?? data) : (data ?? partial);
 * return <p>{shown?.text}</p>;
 * ```
 * @param queryClient Default: that of the nearest `QueryClientProvider`.
 */
export function useCompletionQuery<TData = Completion>(
  options: UseQueryOptions<Completion, RunError, TData, CompletionQueryKey>,
  queryClient?: QueryClient,
): UseCompletionQueryResult<TData> {
  const result = useQuery(options, queryClient);
  const view: QueryRunView<RunSnapshot> = useQueryRun(options, result, queryClient);
  return { ...result, ...view };
}
