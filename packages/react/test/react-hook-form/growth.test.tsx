import { useObjectFieldArray, useObjectFormField, type FormFilling } from '@rivulet/react/react-hook-form';
import { streamObject } from '@rivulet/core';
import { useObjectField } from '@rivulet/react';
import { act, render, waitFor } from '@testing-library/react';
import { memo, type ReactElement } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { expect, test, vi } from 'vitest';
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

interface Costs {
  /** Reads and writes of the form during a delta. */
  readonly delta: number;
  /** The same during undo. */
  readonly undo: number;
}

async function fillRows(count: number): Promise<Costs> {
  const page = renderOwnForm({
    schema,
    form: { defaultValues: { lines: [] } },
    children: (form, filling) => <Lines form={form} filling={filling} />,
  });
  const reads = vi.spyOn(page.form, 'getValues');
  const writes = vi.spyOn(page.form, 'setValue');
  const costOf = async (work: () => unknown): Promise<number> => {
    const before = reads.mock.calls.length + writes.mock.calls.length;
    await work();
    await shown();
    return reads.mock.calls.length + writes.mock.calls.length - before;
  };
  await page.ask();
  const lines = Array.from({ length: count }, (_, index) => ({ text: `line ${index}`, count: index }));
  await page.write(JSON.stringify({ lines }).slice(0, -2));
  await shown();
  await page.write(',{"count":1,"text":"');
  await shown();
  const delta = await costOf(() => page.write('more '));
  await page.write('"}]}');
  await page.finish();
  expect((page.form.getValues('lines') as unknown[]).length).toBe(count + 1);
  const undo = await costOf(() => act(() => page.object.undo()));
  expect(page.form.getValues('lines')).toEqual([]);
  page.unmount();
  return { delta, undo };
}

test('a delta and undo cost at most the rows', { timeout: 60_000 }, async () => {
  const few = await fillRows(125);
  const many = await fillRows(500);
  // Each field that is followed reads its value twice.
  expect(few.delta).toBeGreaterThan(0);
  expect(many.delta / few.delta).toBeLessThan(4.5);
  expect(many.undo / few.undo).toBeLessThan(6);
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
