import { useObjectFieldArray } from '@rivulet/react/react-hook-form';
import { streamObject } from '@rivulet/core';
import { act } from '@testing-library/react';
import { useState, type ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { field, renderOwnForm, shown, type OwnForm, type OwnFormOptions } from './own-form.tsx';

failOnConsoleErrors();

const schema = z.object({
  vendor: z.string(),
  address: z.object({ street: z.string(), city: z.string() }),
  lines: z.array(z.object({ text: z.string() })),
  note: z.string(),
});

const EMPTY = { vendor: '', address: { street: '', city: '' }, lines: [], note: '' };

type Parts = Parameters<OwnFormOptions['children']>;

function Lines({ form, filling }: { readonly form: Parts[0]; readonly filling: Parts[1] }): ReactElement[] {
  const { fields } = useObjectFieldArray(filling, { control: form.control, name: 'lines', blank: { text: '' } });
  return fields.map(({ id }, index) => (
    <input key={id} aria-label={`Line ${index}`} {...form.register(`lines.${index}.text`)} />
  ));
}

function renderOrder(options: OwnFormOptions['options'] = {}, props: OwnFormOptions['form'] = {}): OwnForm {
  return renderOwnForm({
    schema,
    options,
    form: { defaultValues: structuredClone(EMPTY), ...props },
    children: (form, filling) => (
      <>
        <input aria-label="Vendor" {...form.register('vendor')} />
        <input aria-label="Street" {...form.register('address.street')} />
        <input aria-label="City" {...form.register('address.city')} />
        <Lines form={form} filling={filling} />
        <input aria-label="Note" {...form.register('note')} />
      </>
    ),
  });
}

const START = '{"vendor":"Harbour","address":{"street":"Quay 1","city":"Ghent"},"lines":[{"text":"a"},{"text":"b';
const REST = 'c"}],"note":"x"}';

test.for([
  ['reset()', (page: OwnForm) => page.form.reset(), EMPTY],
  [
    'reset(values)',
    (page: OwnForm) => page.form.reset({ ...EMPTY, vendor: 'Other', lines: [{ text: 'own' }] }),
    { ...EMPTY, vendor: 'Other', lines: [{ text: 'own' }] },
  ],
  [
    'setValue of a list',
    (page: OwnForm) => page.form.setValue('lines', []),
    { vendor: 'Harbour', address: { street: 'Quay 1', city: 'Ghent' }, lines: [], note: '' },
  ],
  [
    'setValue of an object',
    (page: OwnForm) => page.form.setValue('address', { street: 'Own', city: '' }),
    {
      vendor: 'Harbour',
      address: { street: 'Own', city: '' },
      lines: [{ text: 'a' }, { text: 'b' }],
      note: '',
    },
  ],
] as const)('%s during a fill ends it, and nothing is written after', async ([, change, left]) => {
  const onFinish = vi.fn();
  const onError = vi.fn();
  const page = renderOrder({ onFinish, onError });
  let result: unknown = 'pending';
  await page.ask(() => void page.object.fill('a mail').then((object) => (result = object)));
  await page.write(START);
  act(() => change(page));
  await shown();
  expect(page.form.getValues()).toEqual(left);
  expect(page.calls[0]!.signal.aborted).toBe(true);
  await shown();
  expect(result).toBeNull();
  expect(page.object).toMatchObject({
    status: 'ready',
    finishReason: 'aborted',
    final: undefined,
    isFilling: false,
  });
  expect(page.form.getValues()).toEqual(left);
  expect([onFinish, onError].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  act(() => page.object.undo());
  await shown();
  await page.answer({ vendor: 'Second', address: { street: 'S', city: 'C' }, lines: [{ text: 'z' }], note: 'n' });
  await shown();
  expect(page.form.getValues('note')).toBe('n');
});

test('a field that code takes out during a fill ends it', async () => {
  let hide = (): void => undefined;
  function Vendor({ form }: { readonly form: Parts[0] }): ReactElement {
    const [isHidden, setHidden] = useState(false);
    hide = () => {
      setHidden(true);
      form.unregister('vendor');
    };
    return isHidden ? <i /> : <input aria-label="Vendor" {...form.register('vendor')} />;
  }
  const page = renderOwnForm({
    schema,
    form: { defaultValues: structuredClone(EMPTY) },
    children: (form) => <Vendor form={form} />,
  });
  let result: unknown = 'pending';
  await page.ask(() => void page.object.fill('a mail').then((object) => (result = object)));
  await page.write(START);
  act(() => hide());
  await shown();
  expect(result).toBeNull();
  expect(page.form.getValues('vendor')).toBeUndefined();
  expect(page.calls[0]!.signal.aborted).toBe(true);
});

test('a reset in the turn in which the answer ends keeps the form empty, and the fill is not whole', async () => {
  const page = renderOrder();
  let result: unknown = 'pending';
  await page.ask(() => void page.object.fill('a mail').then((object) => (result = object)));
  await page.write(START);
  page.calls[0]!.text(REST);
  page.calls[0]!.finish();
  act(() => page.form.reset());
  await shown();
  expect(page.form.getValues()).toEqual(EMPTY);
  expect(result).toBeNull();
});

test('a reset ends the fill from a run of the app, which goes on elsewhere', async () => {
  const { client, calls } = scriptedClient();
  const page = renderOrder();
  const run = streamObject(client, { schema, prompt: 'a mail' });
  act(() => page.object.fillFrom(run as never));
  await shown();
  calls[0]!.text(START);
  await shown();
  act(() => page.form.reset());
  await shown();
  calls[0]!.text(REST);
  calls[0]!.finish();
  await shown();
  expect(page.form.getValues()).toEqual(EMPTY);
  expect(page.object).toMatchObject({ status: 'ready', finishReason: 'aborted', final: undefined });
  expect((await run.result).object).toMatchObject({ note: 'x' });
});

test('new `values` of the form end a fill', async () => {
  const page = renderOrder();
  await page.ask();
  await page.write(START);
  const { _reset: reset } = page.form.control;
  act(() => reset({ ...EMPTY, vendor: 'New' }, { keepFieldsRef: true }));
  await shown();
  expect(page.form.getValues()).toEqual({ ...EMPTY, vendor: 'New' });
  expect(page.object.finishReason).toBe('aborted');
});

test('a value that the form holds is written to inputs that the browser has reset', async () => {
  const page = renderOrder();
  const answer = {
    vendor: 'Harbour',
    address: { street: 'Quay 1', city: 'Ghent' },
    lines: [{ text: 'a' }],
    note: 'n',
  };
  await page.answer(answer);
  await shown();
  // As React does when an action of the form has ended.
  act(() => document.querySelector('form')!.reset());
  expect(field('Vendor').value).toBe('');
  await page.answer(answer);
  await shown();
  expect(['Vendor', 'Street', 'City', 'Line 0', 'Note'].map((label) => field(label).value)).toEqual([
    'Harbour',
    'Quay 1',
    'Ghent',
    'a',
    'n',
  ]);
});

test('inputs that the browser resets during a fill show at its end what the form holds', async () => {
  const page = renderOrder();
  await page.ask();
  await page.write(START);
  act(() => document.querySelector('form')!.reset());
  await page.write(REST);
  await page.finish();
  expect(['Vendor', 'Street', 'Line 0', 'Line 1', 'Note'].map((label) => field(label).value)).toEqual([
    'Harbour',
    'Quay 1',
    'a',
    'bc',
    'x',
  ]);
});
