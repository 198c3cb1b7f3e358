import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { useObjectFieldArray, useObjectForm, useObjectFormField } from '@rivulet/react/react-hook-form';
import type { ReactElement } from 'react';
import { useForm } from 'react-hook-form';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

const schema = z.object({ name: z.string(), items: z.array(z.object({ text: z.string() })) });

test('a form renders on a server, and asks for nothing there', () => {
  const provider = scripted('{}');
  const client = new LLMClient({ provider });
  function Page(): ReactElement {
    const form = useForm<z.input<typeof schema>>({ defaultValues: { name: 'Ada', items: [{ text: 'One' }] } });
    const { control } = form;
    const { filling, status, canUndo } = useObjectForm({ form, schema, client });
    const { fields } = useObjectFieldArray(filling, { control, name: 'items' });
    const name = useObjectFormField(filling, 'name');
    return <p>{[status, canUndo, name.status, fields[0]?.text].join()}</p>;
  }
  expect(renderToString(<Page />)).toBe('<p>ready,false,absent,One</p>');
  expect(provider.requests).toHaveLength(0);
});
