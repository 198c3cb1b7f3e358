import { useObjectFieldArray } from '@rivulet/react/react-hook-form';
import { act } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm, type OwnFormOptions } from './own-form.tsx';

failOnConsoleErrors();

const schema = z.object({ vendor: z.string(), note: z.string(), lines: z.array(z.object({ text: z.string() })) });

type Parts = Parameters<OwnFormOptions['children']>;

function Lines({ form, filling }: { readonly form: Parts[0]; readonly filling: Parts[1] }): ReactElement[] {
  const { fields } = useObjectFieldArray(filling, { control: form.control, name: 'lines', blank: { text: '' } });
  return fields.map(({ id }, index) => (
    <input key={id} aria-label={`Line ${index}`} {...form.register(`lines.${index}.text`)} />
  ));
}

const states: { isDirty?: boolean; names?: readonly string[] } = {};

function renderNotes(options: OwnFormOptions['options'] = {}, form: OwnFormOptions['form'] = {}): OwnForm {
  return renderOwnForm({
    schema,
    options,
    form: { defaultValues: { vendor: '', note: '', lines: [] }, ...form },
    children: (own, filling) => {
      states.isDirty = own.formState.isDirty;
      const { dirtyFields } = own.formState;
      states.names = Object.keys(dirtyFields).filter((name) => dirtyFields[name]);
      return (
        <>
          <input aria-label="Vendor" {...own.register('vendor')} />
          <input aria-label="Note" {...own.register('note')} />
          <Lines form={own} filling={filling} />
        </>
      );
    },
  });
}

test('a fill marks the fields and rows that it writes as dirty, and not as touched', async () => {
  const page = renderNotes();
  await page.answer({ vendor: 'Harbour', note: '', lines: [{ text: 'a' }] });
  await shown();
  expect(states).toEqual({ isDirty: true, names: ['vendor', 'lines'] });
  expect(page.form.getFieldState('lines.0.text')).toMatchObject({ isDirty: true, isTouched: false });
  expect(page.form.getFieldState('note').isDirty).toBe(false);
});

test('undo restores which fields were dirty before the fill', async () => {
  const page = renderNotes();
  await userEvent.type(field('Note'), 'Mine');
  act(() => page.form.setValue('vendor', 'Set by code'));
  await page.answer({ vendor: 'Harbour', note: 'Theirs', lines: [{ text: 'a' }] });
  await shown();
  expect(states.names?.toSorted()).toEqual(['lines', 'note', 'vendor']);
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ vendor: 'Set by code', note: 'Mine', lines: [] });
  expect(states).toEqual({ isDirty: true, names: ['note'] });
});

test('after an undo a form that was pristine is pristine', async () => {
  const page = renderNotes();
  await page.answer({ vendor: 'Harbour', note: 'b', lines: [{ text: 'a' }] });
  await page.answer({ vendor: 'Blue Door', note: 'b', lines: [] });
  act(() => page.object.undo());
  await shown();
  expect(states.isDirty).toBe(true);
  act(() => page.object.undo());
  await shown();
  expect(states).toEqual({ isDirty: false, names: [] });
});

test('shouldDirty: false leaves the fields that it writes pristine', async () => {
  const page = renderNotes({ shouldDirty: false });
  await page.answer({ vendor: 'Harbour', note: 'b', lines: [] });
  expect(states).toEqual({ isDirty: false, names: [] });
});

test('new values that keep dirty values neither wipe a fill nor end it', async () => {
  const page = renderNotes();
  await page.ask();
  await page.write('{"vendor":"Harbour","note":"Del');
  act(() => page.form.reset({ vendor: 'From the server', note: 'Old', lines: [] }, { keepDirtyValues: true }));
  await shown();
  await page.write('iver","lines":[{"text":"a"}]}');
  await page.finish();
  await shown();
  expect(page.form.getValues()).toEqual({ vendor: 'Harbour', note: 'Deliver', lines: [{ text: 'a' }] });
  expect(page.object).toMatchObject({ status: 'ready', finishReason: 'stop' });
});
