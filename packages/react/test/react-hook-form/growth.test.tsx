import { useObjectFieldArray, useObjectFormField, type FormFilling } from '@rivulet/react/react-hook-form';
import { streamObject } from '@rivulet/core';
import { useObjectField } from '@rivulet/react';
import { act, render, waitFor } from '@testing-library/react';
import { memo, type ReactElement } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { scriptedClient } from '../support/scripted-client.ts';
import { renderOwnForm, shown } from './own-form.tsx';

const schema = z.object({ lines: z.array(z.object({ text: z.string(), count: z.number() })) });

interface Part {
  readonly form: UseFormReturn;
  readonly filling: FormFilling;
}

const Status = memo(function Status({ filling, name }: { readonly filling: FormFilling; readonly name: string }) {
  return <i>{useObjectFormField(filling, name).status}</i>;
});

function Lines({ form, filling }: Part): ReactElement[] {
  const { fields } = useObjectFieldArray(filling, {
    control: form.control,
    name: 'lines',
    blank: { text: '', count: null },
  });
  return fields.map(({ id }, index) => (
    <p key={id}>
      <input {...form.register(`lines.${index}.text`)} />
      <input type="number" {...form.register(`lines.${index}.count`, { valueAsNumber: true })} />
      <Status filling={filling} name={`lines.${index}.text`} />
    </p>
  ));
}

async function fillRows(count: number): Promise<{ readonly deltaMs: number; readonly undoMs: number }> {
  const page = renderOwnForm({
    schema,
    form: { defaultValues: { lines: [] } },
    children: (form, filling) => <Lines form={form} filling={filling} />,
  });
  await page.ask();
  const lines = Array.from({ length: count }, (_, index) => ({ text: `line ${index}`, count: index }));
  await page.write(JSON.stringify({ lines }).slice(0, -2));
  await shown();
  await page.write(',{"count":1,"text":"');
  await shown();
  let deltaMs = Infinity;
  for (let delta = 0; delta < 10; delta += 1) {
    const start = performance.now();
    await page.write('more ');
    deltaMs = Math.min(deltaMs, performance.now() - start);
  }
  await page.write('"}]}');
  await page.finish();
  expect((page.form.getValues('lines') as unknown[]).length).toBe(count + 1);
  const start = performance.now();
  act(() => page.object.undo());
  await shown();
  const undoMs = performance.now() - start;
  expect(page.form.getValues('lines')).toEqual([]);
  page.unmount();
  return { deltaMs, undoMs };
}

/** The least of three, because the machine may be busy with something else. */
async function leastOf(count: number): ReturnType<typeof fillRows> {
  const [first, ...others] = [await fillRows(count), await fillRows(count), await fillRows(count)];
  return others.reduce(
    (least, { deltaMs, undoMs }) => ({
      deltaMs: Math.min(least.deltaMs, deltaMs),
      undoMs: Math.min(least.undoMs, undoMs),
    }),
    first,
  );
}

test('a delta into a form of 500 rows costs the delta, and undo costs the rows', { timeout: 60_000 }, async () => {
  const few = await leastOf(125);
  const many = await leastOf(500);
  // Two frames are waited for in both. A cost of the rows would be four times as much.
  expect(many.deltaMs / few.deltaMs).toBeLessThan(3);
  expect(many.undoMs / few.undoMs).toBeLessThan(10);
});

test('a delta with a thousand fields that are followed renders the one that changes', async () => {
  const { client, calls } = scriptedClient();
  const run = streamObject(client, { schema: z.object({ texts: z.array(z.string()) }), prompt: 'a' });
  let renders = 0;
  const Field = memo(function Field({ index }: { readonly index: number }) {
    renders += 1;
    const { value } = useObjectField(run, ['texts', index]);
    return <i>{value}</i>;
  });
  const indexes = Array.from({ length: 1000 }, (_, index) => index);
  render(
    <>
      {indexes.map((index) => (
        <Field key={index} index={index} />
      ))}
    </>,
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text(`{"texts":${JSON.stringify(indexes.slice(1).map(String)).slice(0, -1)},"`);
  await shown();
  const before = renders;
  for (let delta = 0; delta < 5; delta += 1) {
    calls[0]!.text('x');
    await shown();
  }
  expect(renders - before).toBeLessThanOrEqual(10);
});
