'use client';

import type { DeepPartial, ObjectCompletion, ObjectSnapshot } from '@rivulet/core';
import { useQuery, type QueryClient, type UseQueryOptions, type UseQueryResult } from '@tanstack/react-query';
import type { HasPartial, ObjectQueryKey } from './object-query-options.ts';
import type { RunError } from './run-error.ts';
import { useQueryRun, type QueryRunView } from './use-query-run.ts';

export type UseObjectQueryResult<T, Partial = DeepPartial<T>, TData = ObjectCompletion<T>> = UseQueryResult<
  TData,
  RunError
> &
  QueryRunView<ObjectSnapshot<T, Partial>>;

/**
 * `useQuery` for the options that `objectQueryOptions` gives, and the object while it is written: `data.object` is the
 * whole and checked one, `partial.object` what there is of it. Renders at most once a frame, and what did not change in
 * `partial.object` keeps its identity.
 *
 * @param queryClient Default: that of the nearest `QueryClientProvider`.
 */
export function useObjectQuery<T, Partial = DeepPartial<T>, TData = ObjectCompletion<T>>(
  options: UseQueryOptions<ObjectCompletion<T>, RunError, TData, ObjectQueryKey> & HasPartial<Partial>,
  queryClient?: QueryClient,
): UseObjectQueryResult<T, Partial, TData> {
  const result = useQuery(options, queryClient);
  const view: QueryRunView<ObjectSnapshot<T, Partial>> = useQueryRun(options, result, queryClient);
  return { ...result, ...view };
}
