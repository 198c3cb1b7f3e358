import { requestKey, type Completion, type GenerateRequest, type LLMClient } from '@rivulet/core';
import { queryOptions, type DataTag, type UnusedSkipTokenOptions } from '@tanstack/react-query';
import { finalOnly } from './query-defaults.ts';
import { attach } from './query-run.ts';
import type { RunError } from './run-error.ts';
import type { RunQueryConfig } from './run-query-config.ts';

/** `['rivulet', 'completion']` matches all completions, with `{ id }` added all answers to one request. */
export type CompletionQueryKey = readonly ['rivulet', 'completion', { readonly id: string; readonly attempt: number }];

export type CompletionQueryOptions = UnusedSkipTokenOptions<Completion, RunError, Completion, CompletionQueryKey> & {
  queryKey: DataTag<CompletionQueryKey, Completion, RunError>;
};

/**
 * A completion as server state: for `useQuery`, `useSuspenseQuery`, `useQueries`, `prefetchQuery`, a router's loader. The
 * cache has the whole answer or nothing of it; `useCompletionQuery` shows what came so far.
 *
 * An answer that is there is not asked for again, but by `refetch` or another `attempt`. The run stops when the last
 * component that waits for it has gone, and nothing is cached then. Only the client retries (`retry: false` here). An
 * answer is kept for 30 minutes after its last use. All of this may be said otherwise: `{ ...options, gcTime: 0 }`.
 *
 * With long messages, make the options outside of the component or in a `useMemo`: the digest reads all of them.
 */
export function completionQueryOptions(
  client: LLMClient,
  request: string | GenerateRequest,
  config: RunQueryConfig = {},
): CompletionQueryOptions {
  const {
    id = requestKey(client, typeof request === 'string' ? { prompt: request } : request),
    attempt = 0,
    ...call
  } = config;
  return queryOptions<Completion, RunError, Completion, CompletionQueryKey>({
    queryKey: ['rivulet', 'completion', { id, attempt }],
    queryFn: (context) => attach(context, () => client.stream(request, call)),
    structuralSharing: false,
    ...finalOnly(),
  });
}
