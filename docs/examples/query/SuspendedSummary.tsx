import { completionQueryOptions, useCompletionQuery, type CompletionQueryOptions } from '@rivulet/react/query';
import { useSuspenseQuery } from '@tanstack/react-query';
import type { LLMClient } from '@rivulet/core';
import { Suspense, type ReactElement } from 'react';

export function SuspendedSummary({
  client,
  text,
}: {
  readonly client: LLMClient;
  readonly text: string;
}): ReactElement {
  const options = completionQueryOptions(client, `Summarise in one sentence: ${text}`);
  return (
    <Suspense fallback={<SoFar options={options} />}>
      <Whole options={options} />
    </Suspense>
  );
}

function Whole({ options }: { readonly options: CompletionQueryOptions }): ReactElement {
  const { data } = useSuspenseQuery(options);
  return <p>{data.text}</p>;
}

/** The same key, so the same request. */
function SoFar({ options }: { readonly options: CompletionQueryOptions }): ReactElement {
  const { partial } = useCompletionQuery(options);
  return <p aria-busy>{partial?.text}</p>;
}
