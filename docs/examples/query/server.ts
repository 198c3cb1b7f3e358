import type { LLMClient } from '@rivulet/core';
import { completionQueryOptions } from '@rivulet/react/query';
import { dehydrate, QueryClient, type DehydratedState } from '@tanstack/react-query';

/** On the server: what `<HydrationBoundary state={…}>` takes in the page. */
export async function load(client: LLMClient, articleId: string, text: string): Promise<DehydratedState> {
  const queryClient = new QueryClient(); // one for each request of a visitor
  await queryClient.prefetchQuery(
    completionQueryOptions(client, `Summarise in one sentence: ${text}`, { id: `summary of ${articleId}` }),
  );
  return dehydrate(queryClient);
}
