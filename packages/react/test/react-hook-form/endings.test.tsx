import * as React from 'react';
import { useObjectFieldArray, useObjectFormField, type FormFilling } from '@rivulet/react/react-hook-form';
import { act, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import type { Control, FieldValues, UseFormRegister } from 'react-hook-form';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm } from './own-form.tsx';

failOnConsoleErrors();

function Status({ filling, name }: { readonly filling: FormFilling; readonly name: string }): ReactElement {
  const { status } = useObjectFormField(filling, name as never);
  return <output>{status}</output>;
}

interface LinesProps {
  readonly filling: FormFilling;
  readonly control: Control;
  readonly register: UseFormRegister<FieldValues>;
}

function Lines({ filling, control, register }: LinesProps): ReactElement[] {
  const { fields } = useObjectFieldArray(filling, { control, name: 'lines', blank: { text: '' } });
  return fields.map(({ id }, index) => (
    <input key={id} aria-label={`Line ${index}`} {...register(`lines.${index}.text`)} />
  ));
}

function renderNotes(): OwnForm {
  return renderOwnForm({
    schema: z.object({ vendor: z.string(), total: z.number(), note: z.string() }),
    form: { defaultValues: { vendor: '', total: null, note: '' } },
    children: ({ register }) => (
      <>
        <input aria-label="Vendor" {...register('vendor')} />
        <input aria-label="Total" type="number" {...register('total', { valueAsNumber: true })} />
        <input aria-label="Note" {...register('note')} />
      </>
    ),
  });
}

test.for([
  ['is cut', 'truncated', (page: OwnForm) => page.calls[0]!.cut()],
  [
    'stops being JSON',
    'parse',
    (page: OwnForm) => {
      page.calls[0]!.text('"tal" = 12');
      page.calls[0]!.finish();
    },
  ],
  ['is refused', 'refusal', (page: OwnForm) => page.calls[0]!.refuse()],
] as const)(
  'an answer that %s in the middle leaves what came, which the next fill writes over',
  async ([, code, end]) => {
    const page = renderNotes();
    await page.ask();
    await page.write('{"total":12,"vendor":"Har');
    end(page);
    await shown();
    expect(page.object).toMatchObject({ status: 'error', error: { code }, isFilling: false, canUndo: true });
    expect(page.form.getValues()).toEqual({ vendor: 'Har', total: 12, note: '' });

    await page.answer({ vendor: 'Blue Door', total: 7, note: 'All of it' });
    expect(page.form.getValues()).toEqual({ vendor: 'Blue Door', total: 7, note: 'All of it' });
    expect(page.object.suggestions).toEqual([]);
    act(() => page.object.undo());
    expect(page.form.getValues()).toEqual({ vendor: 'Har', total: 12, note: '' });
    act(() => page.object.undo());
    expect(page.form.getValues()).toEqual({ vendor: '', total: null, note: '' });
    expect(page.object.canUndo).toBe(false);
  },
);

test.for([
  ['is cut', (page: OwnForm) => page.calls[0]!.cut()],
  ['is stopped', (page: OwnForm) => page.object.stop()],
] as const)('of an answer that %s, what is half there is marked, and nothing else is written', async ([, end]) => {
  const schema = z.object({
    kind: z.string(),
    lines: z.array(z.object({ text: z.string() })),
    vendor: z.string(),
    note: z.string().optional(),
  });
  const page = renderOwnForm({
    schema,
    form: { defaultValues: { kind: '', vendor: '', note: '', lines: [{ text: 'a' }, { text: 'b' }] } },
    children: ({ register, control }, filling) => (
      <>
        <select aria-label="Kind" {...register('kind')}>
          <option value="">None</option>
          <option value="invoice">Invoice</option>
        </select>
        <input aria-label="Vendor" {...register('vendor')} />
        <Lines control={control} register={register} filling={filling} />
        <Status filling={filling} name="vendor" />
      </>
    ),
  });
  await page.ask();
  await page.write('{"vendor":"Har');
  expect(screen.getByRole('status')).toHaveTextContent('streaming');
  act(() => end(page));
  await shown();
  expect(page.form.getFieldState('vendor').error).toMatchObject({ message: 'Not complete' });
  expect(screen.getByRole('status')).toHaveTextContent('invalid');
  await userEvent.type(field('Vendor'), 'bour');
  expect(page.form.getFieldState('vendor').error).toBeUndefined();

  for (const half of ['{"kind":"inv', '{"lines":[{"text":"c']) {
    await page.ask();
    await page.write(half);
    page.calls.at(-1)!.cut();
    await shown();
  }
  expect(page.form.getValues()).toMatchObject({ kind: '', lines: [{ text: 'c' }, { text: 'b' }] });
});

test('what was left out is invalid, and has the error of the schema', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), note: z.string() }),
    form: { defaultValues: { vendor: '', note: '' } },
    children: ({ register }, filling) => (
      <>
        <input aria-label="Vendor" {...register('vendor')} />
        <input aria-label="Note" {...register('note')} />
        <Status filling={filling} name="note" />
      </>
    ),
  });
  await page.answer({ vendor: 'Harbour' });
  expect(page.form.getFieldState('note').error).toMatchObject({ type: 'schema' });
  expect(screen.getByRole('status')).toHaveTextContent('invalid');
});

test('what code has changed stays, whatever else the form tells', async () => {
  const page = renderNotes();
  await page.ask();
  await page.write('{"vendor":"Har');
  act(() => page.form.setValue('vendor', 'Looked up'));
  act(() => page.form.setError('note', { message: 'Say something' }));
  await act(() => page.form.trigger('total'));
  await page.write('bour","total":12,');
  expect(field('Vendor').value).toBe('Looked up');
  expect(page.object.suggestions).toEqual([{ name: 'vendor', value: 'Harbour' }]);
});

// React 18 has no Activity.
const Activity = 'Activity' in React ? React.Activity : undefined;

test.skipIf(!Activity)(
  'a form that is hidden and shown again at once goes on, and keeps what is the user’s',
  async () => {
    let setMode = (_mode: 'hidden' | 'visible'): void => undefined;
    const page = renderOwnForm({
      schema: z.object({ vendor: z.string(), note: z.string() }),
      form: { defaultValues: { vendor: '', note: '' } },
      wrap: function Wrap({ children }) {
        const [mode, set] = React.useState<'hidden' | 'visible'>('visible');
        setMode = set;
        return Activity && <Activity mode={mode}>{children}</Activity>;
      },
      children: ({ register }) => (
        <>
          <input aria-label="Vendor" {...register('vendor')} />
          <input aria-label="Note" {...register('note')} />
        </>
      ),
    });
    await page.ask();
    await page.write('{"vendor":"Har');
    await userEvent.type(field('Note'), 'Mine');
    act(() => {
      setMode('hidden');
    });
    act(() => {
      setMode('visible');
    });
    await page.write('bour","note":"Deliver"}');
    expect(page.calls[0]!.signal.aborted).toBe(false);
    await page.finish();
    expect([field('Vendor').value, field('Note').value]).toEqual(['Harbour', 'Mine']);
    expect(page.form.getValues()).toEqual({ vendor: 'Harbour', note: 'Mine' });
    act(() => page.object.undo());
    expect([field('Vendor').value, field('Note').value]).toEqual(['', 'Mine']);
  },
);
