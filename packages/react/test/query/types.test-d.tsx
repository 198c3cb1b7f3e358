import type { AbortError, Completion, LLMClient, LLMError, Run, RunSnapshot } from '@rivulet/core';
import {
  completionMutationOptions,
  completionQueryOptions,
  useCompletionQuery,
  type CompletionQueryKey,
  type RunError,
} from '@rivulet/react/query';
import {
  skipToken,
  useMutation,
  useQueries,
  useQuery,
  useSuspenseQuery,
  type QueryClient,
} from '@tanstack/react-query';
import { expectTypeOf, test } from 'vitest';

declare const client: LLMClient;
declare const queryClient: QueryClient;

test('the key knows its data and its error', () => {
  const { queryKey } = completionQueryOptions(client, 'hello');
  expectTypeOf(queryKey).toExtend<CompletionQueryKey>();
  expectTypeOf(queryClient.getQueryData(queryKey)).toEqualTypeOf<Completion | undefined>();
  expectTypeOf(queryClient.getQueryState(queryKey)?.error).toEqualTypeOf<RunError | null | undefined>();
  expectTypeOf<RunError>().toEqualTypeOf<LLMError | AbortError>();
});

test('every hook and method infers the answer and the errors', async () => {
  const options = completionQueryOptions(client, { prompt: 'hello', maxTokens: 5 }, { attempt: 1, retry: false });
  const query = useQuery(options);
  expectTypeOf(query.data).toEqualTypeOf<Completion | undefined>();
  expectTypeOf(query.error).toEqualTypeOf<RunError | null>();
  expectTypeOf(useSuspenseQuery(options).data).toEqualTypeOf<Completion>();
  expectTypeOf(useQueries({ queries: [options] })[0].data).toEqualTypeOf<Completion | undefined>();
  expectTypeOf(await queryClient.fetchQuery(options)).toEqualTypeOf<Completion>();
  expectTypeOf(await queryClient.ensureQueryData(options)).toEqualTypeOf<Completion>();
});

test('useCompletionQuery has the final answer and the part, and narrows by status', () => {
  const options = completionQueryOptions(client, 'hello');
  const result = useCompletionQuery(options);
  expectTypeOf(result.data).toEqualTypeOf<Completion | undefined>();
  expectTypeOf(result.error).toEqualTypeOf<RunError | null>();
  expectTypeOf(result.partial).toEqualTypeOf<RunSnapshot | undefined>();
  expectTypeOf(result.stop).toEqualTypeOf<() => void>();
  if (result.isSuccess) expectTypeOf(result.data).toEqualTypeOf<Completion>();

  const length = useCompletionQuery({ ...options, select: (completion) => completion.text.length });
  expectTypeOf(length.data).toEqualTypeOf<number | undefined>();
  expectTypeOf(length.partial).toEqualTypeOf<RunSnapshot | undefined>();
  useCompletionQuery({ ...options, enabled: false, gcTime: 0 }, queryClient);
  useCompletionQuery({ ...options, queryFn: skipToken });
});

test('mutations take a request, and give the answer', () => {
  const options = completionMutationOptions(client, { onRun: (run) => expectTypeOf(run).toEqualTypeOf<Run>() });
  expectTypeOf(options.mutationKey).toEqualTypeOf<readonly ['rivulet', 'completion']>();
  const { data, error, mutate } = useMutation(options);
  expectTypeOf(data).toEqualTypeOf<Completion | undefined>();
  expectTypeOf(error).toEqualTypeOf<RunError | null>();
  mutate('hello');
  mutate({ messages: [{ role: 'user', content: 'hello' }] });
  // @ts-expect-error a request is not a number
  mutate(7);
});

test('what a query takes over is not asked for', () => {
  // @ts-expect-error the query has its own signal
  completionQueryOptions(client, 'hello', { signal: new AbortController().signal });
  // @ts-expect-error attempts are counted
  completionQueryOptions(client, 'hello', { attempt: 'first' });
});
