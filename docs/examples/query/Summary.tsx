import { useLLMClient } from '@rivulet/react';
import { completionQueryOptions, useCompletionQuery } from '@rivulet/react/query';
import { useState, type ReactElement } from 'react';

export function Summary({ text }: { readonly text: string }): ReactElement {
  const client = useLLMClient();
  const [attempt, setAttempt] = useState(0);
  const { data, partial, error, isFetching, stop } = useCompletionQuery(
    completionQueryOptions(client, `Summarise in one sentence: ${text}`, { attempt }),
  );
  // After a refetch that was stopped or failed, the answer before it.
  const shown = isFetching ? (partial ?? data) : (data ?? partial);
  return (
    <section aria-busy={isFetching}>
      <p>{shown?.text}</p>
      {error && <p role="alert">{error.message}</p>}
      {isFetching ? (
        <button onClick={stop}>Stop</button>
      ) : (
        <button onClick={() => setAttempt(attempt + 1)}>Another one</button>
      )}
    </section>
  );
}
