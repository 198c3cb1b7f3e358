import { act, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useObjectFormField } from '@rivulet/react/react-hook-form';
import type { ReactElement } from 'react';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, type OwnForm, type OwnFormOptions } from './own-form.tsx';

failOnConsoleErrors();

const schema = z.object({ total: z.number().positive(), notes: z.string().optional() });

function Status({ filling, name }: { readonly filling: never; readonly name: string }): ReactElement {
  const { status } = useObjectFormField(filling, name as never);
  return <output aria-label={`Status of ${name}`}>{status}</output>;
}

const children: OwnFormOptions['children'] = ({ register }, filling) => (
  <>
    <input aria-label="Total" type="number" {...register('total', { valueAsNumber: true })} />
    <input aria-label="Notes" {...register('notes')} />
    {['total', 'notes'].map((name) => (
      <Status key={name} filling={filling as never} name={name} />
    ))}
  </>
);

const statusOf = (name: string): string | null => screen.getByLabelText(`Status of ${name}`).textContent;

/** Asks for a field anew; `end` is how the answer ends. Gives what the user is told. */
async function refill(
  page: OwnForm,
  name: string,
  reply: string,
  end: 'finish' | 'cut' | 'refuse' = 'finish',
): Promise<boolean | undefined> {
  let isRefilled: boolean | undefined;
  await page.ask(() => page.object.refill(name as never).then((is) => (isRefilled = is)));
  await page.write(reply);
  page.calls.at(-1)![end]();
  await waitFor(() => expect(isRefilled).toBeDefined());
  return isRefilled;
}

test.each<[string, string, ('finish' | 'cut' | 'refuse')?]>([
  ['a value that does not fit', '{"total":-4}'],
  ['a value of another type', '{"total":"abc"}'],
  ['another field', '{"tot":1}'],
  ['no JSON', 'I do not know.'],
  ['a value that is cut', '{"total":12', 'cut'],
  ['a refusal', '', 'refuse'],
])('leaves the field as it was when the model answers with %s', async (_name, reply, end) => {
  const page = renderOwnForm({ schema, form: { defaultValues: { notes: '' } }, children });
  await page.answer({ total: 120, notes: 'Back door' });

  expect(await refill(page, 'total', reply, end)).toBe(false);

  expect(page.form.getValues()).toEqual({ total: 120, notes: 'Back door' });
  expect(field('Total').value).toBe('120');
  expect(page.form.getFieldState('total').error).toBeUndefined();
  expect(statusOf('total')).toBe('complete');
  expect(page.object.refilling).toEqual([]);
});

test('leaves what the user has written, also where a text was half written over it', async () => {
  const page = renderOwnForm({ schema, form: { defaultValues: { notes: '' } }, children });
  await page.answer({ total: 120 });
  await userEvent.type(field('Notes'), 'My note');
  await page.ask(() => page.object.refill('notes' as never));
  await page.write('{"notes":"Half a n');
  expect(field('Notes').value).toBe('Half a n');

  page.calls.at(-1)!.cut();

  await waitFor(() => expect(field('Notes').value).toBe('My note'));
  expect(statusOf('notes')).toBe('user');
  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual({ total: undefined, notes: 'My note' });
});

test('keeps the error of a field for which nothing better comes', async () => {
  const page = renderOwnForm({ schema, form: { defaultValues: { notes: '' } }, children });
  await page.answer({ total: -4 });
  const { error } = page.form.getFieldState('total');
  expect(error).toBeDefined();

  expect(await refill(page, 'total', '{"total":-5}')).toBe(false);

  expect(page.form.getValues('total')).toBe(-4);
  expect(page.form.getFieldState('total').error).toMatchObject({ message: error!.message });
  expect(statusOf('total')).toBe('invalid');
  expect(await refill(page, 'total', '{"total":5}')).toBe(true);
  expect(page.form.getFieldState('total').error).toBeUndefined();
  expect(statusOf('total')).toBe('complete');
});

test('a field that may be left out may be found to be nothing, which changes nothing', async () => {
  const page = renderOwnForm({ schema, form: { defaultValues: { notes: '' } }, children });
  await page.answer({ total: 120, notes: 'Back door' });

  expect(await refill(page, 'notes', '{}')).toBe(false);

  expect(page.calls.at(-1)!.request.system).toContain('"required":[]');
  expect(page.form.getValues('notes')).toBe('Back door');
  expect(await refill(page, 'notes', '{"notes":null}')).toBe(false);
  expect(page.form.getValues('notes')).toBe('Back door');
});
