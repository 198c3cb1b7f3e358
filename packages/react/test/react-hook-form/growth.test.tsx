import { useObjectFieldArray, useObjectFormField, type FormFilling } from '@rivulet/react/react-hook-form';
import { streamObject, type Path } from '@rivulet/core';
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

/** Reads and writes of the form. */
interface Costs {
  /** During a delta within a row. */
  readonly delta: number;
  /** During a delta that closes a field, and opens another. */
  readonly nextField: number;
  /** During a delta that appends a row. */
  readonly nextRow: number;
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
  const states = vi.spyOn(page.form, 'getFieldState');
  const costOf = async (work: () => unknown): Promise<number> => {
    await shown();
    const counted = (): number => [reads, writes, states].reduce((sum, { mock }) => sum + mock.calls.length, 0);
    const before = counted();
    await work();
    await shown();
    return counted() - before;
  };
  await page.ask();
  const lines = Array.from({ length: count }, (_, index) => ({ text: `line ${index}`, count: index }));
  await page.write(JSON.stringify({ lines }).slice(0, -2));
  await page.write(',{"count":1,"text":"');
  const delta = await costOf(() => page.write('more '));
  const nextRow = await costOf(() => page.write('"},{"count":2,"te'));
  await page.write('xt":"');
  const nextField = await costOf(() => page.write('a","other":"'));
  await page.write('"}]}');
  await page.finish();
  expect((page.form.getValues('lines') as unknown[]).length).toBe(count + 2);
  const undo = await costOf(() => act(() => page.object.undo()));
  expect(page.form.getValues('lines')).toEqual([]);
  page.unmount();
  return { delta, nextField, nextRow, undo };
}

test('a delta costs what it changes, and undo costs the rows', { timeout: 60_000 }, async () => {
  const few = await fillRows(125);
  const many = await fillRows(500);
  expect(few.delta).toBeGreaterThan(0);
  expect(many).toEqual({ ...few, undo: many.undo });
  expect(many.undo / few.undo).toBeLessThan(4.5);
});

interface FieldCosts {
  /** Fields that are read during a delta within a text. */
  readonly delta: number;
  /** Fields that are read during a delta that closes a text, and opens another. */
  readonly nextText: number;
  /** Fields that are read during a delta that closes a text that the schema refuses. */
  readonly issue: number;
  /** Fields that render during all of them. */
  readonly renders: number;
}

async function fillTexts(count: number): Promise<FieldCosts> {
  const { client, calls } = scriptedClient();
  const texts = z.object({ texts: z.array(z.string().min(2)) });
  const run = streamObject(client, { schema: texts, prompt: 'a' });
  let reads = 0;
  let renders = 0;
  const counted: typeof run = Object.create(run, {
    getSnapshot: {
      value() {
        const snapshot = run.getSnapshot();
        return {
          ...snapshot,
          fieldStatus(path: Path) {
            reads += 1;
            return snapshot.fieldStatus(path);
          },
        };
      },
    },
  });
  const Field = memo(function Field({ index }: { readonly index: number }) {
    renders += 1;
    const { value, status } = useObjectField(counted, ['texts', index]);
    return <i data-status={status}>{value}</i>;
  });
  const { container, unmount } = render(
    <>
      {Array.from({ length: count }, (_, index) => (
        <Field key={index} index={index} />
      ))}
    </>,
  );
  await waitFor(() => expect(calls).toHaveLength(1));
  const readsOf = async (piece: string): Promise<number> => {
    await shown();
    const before = reads;
    calls[0]!.text(piece);
    await shown();
    return reads - before;
  };
  // Half of them have an issue.
  const half = Array.from({ length: count / 2 }, () => ['ok', 'x']).flat();
  await readsOf(`{"texts":${JSON.stringify(half.slice(5)).slice(0, -1)},"te`);
  const before = renders;
  const costs = {
    delta: await readsOf('xt'),
    nextText: await readsOf('","other'),
    issue: await readsOf('","x","'),
    renders: renders - before,
  };
  const statusAt = (index: number): string | null => container.children[index]!.getAttribute('data-status');
  expect([5, 4, 3, 2, 1].map((index) => statusAt(count - index))).toEqual([
    'complete',
    'complete',
    'invalid',
    'streaming',
    'absent',
  ]);
  unmount();
  return costs;
}

test('a delta reads and renders the same few of any number of values that are followed', async () => {
  const few = await fillTexts(100);
  const many = await fillTexts(1000);
  expect(few.delta).toBeGreaterThan(0);
  expect(many).toEqual(few);
});
