import { useObject } from '@rivulet/react';
import type { ReactElement } from 'react';
import { z } from 'zod';

const recipe = z.object({ title: z.string(), steps: z.array(z.string()) });

export function Recipe({ dish }: { readonly dish: string }): ReactElement {
  const { object, submit, stop, isLoading, fieldStatus, error } = useObject({
    schema: recipe,
    request: (name: string) => `A recipe for ${name}`,
  });
  return (
    <section aria-busy={isLoading}>
      <button onClick={() => (isLoading ? stop() : void submit(dish))}>{isLoading ? 'Stop' : 'Cook'}</button>
      <h2>{object?.title}</h2>
      <ol>
        {object?.steps?.map((step, index) => (
          <li key={index}>
            {step}
            {fieldStatus(['steps', index]) === 'streaming' && ' …'}
          </li>
        ))}
      </ol>
      {error && <p role="alert">{error.message}</p>}
    </section>
  );
}
