import type { AbortError, Completion, LLMClient, LLMError, ObjectCompletion, Run, RunSnapshot } from '@rivulet/core';
import {
  completionMutationOptions,
  completionQueryOptions,
  objectQueryOptions,
  useCompletionQuery,
  useObjectQuery,
  type CompletionQueryKey,
  type ObjectQueryKey,
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
import { z } from 'zod';

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

test('an object query has the object that the schema makes, and the part that the model writes', async () => {
  const schema = z.object({ title: z.string(), count: z.string().transform(Number) });
  interface Made {
    title: string;
    count: number;
  }
  const options = objectQueryOptions(client, { prompt: 'hello', schema });
  expectTypeOf(options.queryKey).toExtend<ObjectQueryKey>();
  expectTypeOf(queryClient.getQueryData(options.queryKey)).toEqualTypeOf<ObjectCompletion<Made> | undefined>();
  expectTypeOf(useQuery(options).data?.object).toEqualTypeOf<Made | undefined>();
  expectTypeOf(useSuspenseQuery(options).data.object).toEqualTypeOf<Made>();
  expectTypeOf((await queryClient.fetchQuery(options)).object).toEqualTypeOf<Made>();

  const { data, partial, error } = useObjectQuery(options);
  expectTypeOf(data?.object).toEqualTypeOf<Made | undefined>();
  expectTypeOf(partial?.object).toEqualTypeOf<{ readonly title?: string; readonly count?: string } | undefined>();
  expectTypeOf(error).toEqualTypeOf<RunError | null>();

  const titles = useObjectQuery({ ...options, select: ({ object }) => object.title });
  expectTypeOf(titles.data).toEqualTypeOf<string | undefined>();
  expectTypeOf(titles.partial?.object?.count).toEqualTypeOf<string | undefined>();

  const list = useObjectQuery(objectQueryOptions(client, { prompt: 'hello', array: schema }));
  expectTypeOf(list.data?.object).toEqualTypeOf<Made[] | undefined>();
  expectTypeOf(list.partial?.object?.[0]?.title).toEqualTypeOf<string | undefined>();
});
