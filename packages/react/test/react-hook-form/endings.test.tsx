import * as React from 'react';
import { act } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm } from './own-form.tsx';

failOnConsoleErrors();

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
  ['stops being JSON', 'parse', (page: OwnForm) => page.calls[0]!.text('"tal" = 12')],
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
