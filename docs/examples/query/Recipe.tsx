import type { LLMClient } from '@rivulet/core';
import { objectQueryOptions, useObjectQuery } from '@rivulet/react/query';
import type { ReactElement } from 'react';
import { z } from 'zod';

const recipe = z.object({ title: z.string(), steps: z.array(z.string()) });

export function Recipe({ client, dish }: { readonly client: LLMClient; readonly dish: string }): ReactElement {
  const { data, partial, error, isFetching } = useObjectQuery(
    objectQueryOptions(client, { prompt: `A recipe for ${dish}`, schema: recipe }),
  );
  const shown = isFetching ? (partial ?? data)?.object : (data ?? partial)?.object;
  return (
    <article aria-busy={!data && !error}>
      <h2>{shown?.title}</h2>
      <ol>
        {shown?.steps?.map((step, index) => (
          <li key={index}>{step}</li>
        ))}
      </ol>
      {error && <p role="alert">{error.message}</p>}
    </article>
  );
}
