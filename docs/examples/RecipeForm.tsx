import type { ObjectRunOf } from '@rivulet/core';
import { useObject, useObjectField } from '@rivulet/react';
import type { FormEvent, ReactElement } from 'react';
import { z } from 'zod';

const recipe = z.object({ title: z.string().min(3), author: z.object({ mail: z.email() }) });

// Renders only when its own path changes.
function Field({
  run,
  path,
}: {
  readonly run: ObjectRunOf<typeof recipe> | undefined;
  readonly path: 'title' | 'author.mail';
}): ReactElement {
  const { value, status, issues } = useObjectField(run, path);
  return (
    <label>
      {path}
      <output aria-busy={status === 'streaming'}>{value}</output>
      {status === 'invalid' && <em role="alert">{issues[0]?.message}</em>}
    </label>
  );
}

export function RecipeForm({ text }: { readonly text: string }): ReactElement {
  const { run, submit, isLoading } = useObject({ schema: recipe, maxRepairs: 1 });
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void submit(`Who wrote this recipe, and what is it called? ${text}`);
  }
  return (
    <form onSubmit={onSubmit}>
      <Field run={run} path="title" />
      <Field run={run} path="author.mail" />
      <button aria-disabled={isLoading}>Fill</button>
    </form>
  );
}
