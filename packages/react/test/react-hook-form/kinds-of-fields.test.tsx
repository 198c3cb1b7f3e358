import { act, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState, type ReactElement } from 'react';
import { Controller } from 'react-hook-form';
import { expect, onTestFinished, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown } from './own-form.tsx';

failOnConsoleErrors();

function Countries({
  register,
  onLoad,
}: {
  readonly register: (name: string) => object;
  readonly onLoad: (load: (countries: string[]) => void) => void;
}): ReactElement {
  const [countries, setCountries] = useState<string[]>([]);
  onLoad(setCountries);
  return (
    <select aria-label="Country" {...register('country')}>
      {countries.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  );
}

test('a select whose options load late shows what was written', async () => {
  let load = (_countries: string[]): void => undefined;
  const page = renderOwnForm({
    schema: z.object({ country: z.string(), name: z.string() }),
    form: { defaultValues: { country: '', name: '' } },
    children: ({ register }) => <Countries register={register} onLoad={(given) => (load = given)} />,
  });
  await page.answer({ country: 'FR', name: 'Inès' });
  act(() => load(['AT', 'DE', 'FR']));
  await shown();
  expect(page.form.getValues('country')).toBe('FR');
  expect(field('Country').value).toBe('FR');
  act(() => page.object.undo());
  expect(page.form.getValues('country')).toBe('');
});

test('an option that comes too late does not take the place of what the user has chosen', async () => {
  let load = (_countries: string[]): void => undefined;
  const page = renderOwnForm({
    schema: z.object({ country: z.string() }),
    form: { defaultValues: { country: '' } },
    children: ({ register }) => <Countries register={register} onLoad={(given) => (load = given)} />,
  });
  await page.answer({ country: 'FR' });
  act(() => load(['AT', 'DE']));
  await shown();
  await userEvent.selectOptions(field('Country'), 'DE');
  act(() => load(['AT', 'DE', 'FR']));
  await shown();
  expect(page.form.getValues('country')).toBe('DE');
  expect(field('Country').value).toBe('DE');
});

test('a checkbox without a default value is nobody’s after an undo', async () => {
  const page = renderOwnForm({
    schema: z.object({ paid: z.boolean(), note: z.string() }),
    form: { defaultValues: { note: '' } },
    children: ({ register }) => (
      <>
        <input type="checkbox" aria-label="Paid" {...register('paid')} />
        <input aria-label="Note" {...register('note')} />
      </>
    ),
  });
  await page.answer({ paid: true, note: 'first' });
  expect(field('Paid').checked).toBe(true);
  act(() => page.object.undo());
  expect(field('Paid').checked).toBe(false);
  act(() => page.form.reset());
  await page.answer({ paid: true, note: 'second' });
  expect(field('Paid').checked).toBe(true);
  act(() => page.object.undo());
  await page.answer({ paid: true, note: 'third' });
  expect(field('Paid').checked).toBe(true);
  expect(page.object.suggestions).toEqual([]);
});

test('a group of radio buttons, or of checkboxes, is one field', async () => {
  const page = renderOwnForm({
    schema: z.object({ size: z.string(), extras: z.array(z.string()), note: z.string() }),
    form: { defaultValues: { size: '', extras: [], note: '' } },
    children: ({ register }) => (
      <>
        {['small', 'large'].map((size) => (
          <input key={size} type="radio" aria-label={size} value={size} {...register('size')} />
        ))}
        {['salt', 'oil'].map((extra) => (
          <input key={extra} type="checkbox" aria-label={extra} value={extra} {...register('extras')} />
        ))}
        <input aria-label="Note" {...register('note')} />
      </>
    ),
  });
  await page.ask();
  await page.write('{"size":"lar');
  expect(page.form.getValues('size')).toBeFalsy();
  await page.write('ge","extras":["oil"');
  expect(field('large').checked).toBe(true);
  expect(field('oil').checked).toBe(false);
  await page.write('],"note":"a"}');
  expect(field('oil').checked).toBe(true);
  await page.finish();
  act(() => page.object.undo());
  expect([field('large').checked, field('oil').checked]).toEqual([false, false]);
  await userEvent.click(field('small'));
  await userEvent.click(field('salt'));
  await page.answer({ size: 'large', extras: ['oil'], note: 'b' });
  expect(page.form.getValues()).toEqual({ size: 'small', extras: ['salt'], note: 'b' });
  expect(page.object.suggestions).toEqual([
    { name: 'size', value: 'large' },
    { name: 'extras', value: ['oil'] },
  ]);
});

test('a number as it is written in a country, and a date, come back by undo as they were', async () => {
  const page = renderOwnForm({
    schema: z.object({ price: z.number(), due: z.string() }),
    form: { defaultValues: { price: null, due: null } },
    options: {
      toFormValue: (value: unknown, name: string) =>
        name === 'price' ? (value as number).toLocaleString('de') : value,
    },
    children: ({ register }) => (
      <>
        <input
          aria-label="Price"
          {...register('price', {
            setValueAs: (text: string | null) => (text ? Number(text.replaceAll('.', '').replace(',', '.')) : null),
          })}
        />
        <input type="date" aria-label="Due" {...register('due', { valueAsDate: true })} />
      </>
    ),
  });
  await page.answer({ price: 1234.5, due: '2026-03-12' });
  expect(field('Price').value).toBe('1.234,5');
  expect(page.form.getValues()).toEqual({ price: 1234.5, due: new Date('2026-03-12') });
  await page.answer({ price: 99.5, due: '2026-04-12' });
  expect(page.form.getValues('price')).toBe(99.5);
  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual({ price: 1234.5, due: new Date('2026-03-12') });
  expect([field('Price').value, field('Due').value]).toEqual(['1.234,5', '2026-03-12']);
  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual({ price: null, due: null });
  expect([field('Price').value, field('Due').value]).toEqual(['', '']);
});

test('what the user has already, in the words of the form, is not suggested', async () => {
  const page = renderOwnForm({
    schema: z.object({ price: z.number(), start: z.string() }),
    form: { defaultValues: { price: '', start: null } },
    options: {
      toFormValue: (value: unknown, name: string) =>
        name === 'price' ? (value as number).toLocaleString('de') : new Date(value as string),
    },
    children: ({ register, control }) => (
      <>
        <input aria-label="Price" {...register('price')} />
        <Controller
          control={control}
          name="start"
          render={({ field: { onChange } }) => <button onClick={() => onChange(new Date('2026-03-12'))}>March</button>}
        />
      </>
    ),
  });
  await userEvent.type(field('Price'), '1.234,5');
  await userEvent.click(screen.getByText('March'));
  await page.answer({ price: 1234.5, start: '2026-03-12' });
  expect(page.object.suggestions).toEqual([]);
});

test('a disabled field holds what it shows, also when it is enabled', async () => {
  let enable = (): void => undefined;
  function Vendor({ register }: { readonly register: (name: string, options: object) => object }): ReactElement {
    const [disabled, setDisabled] = useState(true);
    enable = () => setDisabled(false);
    return <input aria-label="Vendor" {...register('vendor', { disabled })} />;
  }
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), note: z.string() }),
    form: { defaultValues: { vendor: '', note: '' } },
    children: ({ register }) => <Vendor register={register} />,
  });
  await page.answer({ vendor: 'Harbour', note: 'b' });
  expect(field('Vendor').value).toBe(page.form.getValues('vendor') ?? '');
  act(() => enable());
  await shown();
  expect(field('Vendor').value).toBe(page.form.getValues('vendor') ?? '');
  expect(page.form.getValues('vendor')).toBe('Harbour');
  act(() => page.object.undo());
  expect(field('Vendor').value).toBe('');
  expect(page.form.getValues('vendor')).toBe('');
});

test('a form that is disabled while it fills', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), paid: z.boolean() }),
    form: { defaultValues: { vendor: '', paid: false } },
    children: ({ register, formState: { isDirty } }, _filling, { isFilling: disabled }) => (
      <>
        {isDirty && 'changed'}
        <input aria-label="Vendor" {...register('vendor', { disabled })} />
        <input aria-label="Paid" type="checkbox" {...register('paid', { disabled })} />
      </>
    ),
  });
  await page.ask();
  await page.write('{"vendor":"Har');
  expect([field('Vendor').value, field('Vendor').disabled]).toEqual(['Har', true]);
  await page.write('bour","paid":true}');
  await page.finish();
  await shown();
  expect(page.form.getValues()).toEqual({ vendor: 'Harbour', paid: true });
  expect([field('Vendor').value, field('Vendor').disabled]).toEqual(['Harbour', false]);
  expect(page.form.formState.isDirty).toBe(true);
});

test('what has the same name in the head, or in another form, is another field', async () => {
  const meta = document.createElement('meta');
  meta.name = 'rating';
  document.head.append(meta);
  const other = document.createElement('input');
  other.name = 'due';
  document.body.prepend(other);
  onTestFinished(() => {
    meta.remove();
    other.remove();
  });
  const page = renderOwnForm({
    schema: z.object({ rating: z.string(), due: z.string(), name: z.string() }),
    form: { defaultValues: { rating: '', due: '', name: '' } },
    children: ({ register }) => (
      <>
        <select aria-label="Rating" {...register('rating')}>
          <option />
          <option>good</option>
        </select>
        <input aria-label="Due" type="date" {...register('due')} />
        <input aria-label="Name" {...register('name')} />
      </>
    ),
  });
  await page.ask();
  await page.write('{"rating":"go');
  expect(page.form.getValues('rating')).toBe('');
  await page.write('od","due":"2026-03');
  expect(page.form.getValues('due')).toBe('');
  other.focus();
  await page.write('-12","name":"x"');
  expect(field('Due').value).toBe('2026-03-12');
});

test('a field that appears because another was filled has its value, and goes with it', async () => {
  const page = renderOwnForm({
    schema: z.object({ paid: z.boolean(), paidOn: z.string(), note: z.string() }),
    form: { defaultValues: { paid: false, note: '' }, shouldUnregister: true },
    children: ({ register, watch }) => (
      <>
        <input aria-label="Paid" type="checkbox" {...register('paid')} />
        {watch('paid') && <input aria-label="Paid on" type="date" {...register('paidOn')} />}
        <input aria-label="Note" {...register('note')} />
      </>
    ),
  });
  await page.ask();
  await page.write('{"paid":true,"paidOn":"2026-03-12","note":"a');
  await shown();
  expect(field('Paid').checked).toBe(true);
  expect(field('Paid on').value).toBe('2026-03-12');
  await page.write('"}');
  await page.finish();
  expect(page.form.getValues()).toEqual({ paid: true, paidOn: '2026-03-12', note: 'a' });
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ paid: false, note: '' });
});

test('a composition goes on while the other fields fill, and its text stays', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), note: z.string() }),
    form: { defaultValues: { vendor: '', note: '' } },
    children: ({ register }) => (
      <>
        <input aria-label="Vendor" {...register('vendor')} />
        <input aria-label="Note" {...register('note')} />
      </>
    ),
  });
  const vendor = field('Vendor');
  const ends: string[] = [];
  vendor.addEventListener('compositionend', ({ data }) => ends.push(data));
  await page.ask();
  vendor.focus();
  const keyboard = cdp() as unknown as { send(method: string, params: object): Promise<void> };
  await keyboard.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await page.write('{"vendor":"Har');
  await keyboard.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
  await page.write('bour","note":"Del');
  expect([vendor.value, field('Note').value]).toEqual(['にほ', 'Del']);
  expect(ends).toEqual([]);
  await keyboard.send('Input.insertText', { text: '日本' });
  await page.write('iver"}');
  await page.finish();
  expect(ends).toEqual(['日本']);
  expect(page.form.getValues()).toEqual({ vendor: '日本', note: 'Deliver' });
  expect(page.object.suggestions).toEqual([{ name: 'vendor', value: 'Harbour' }]);
});

test('the caret and what is selected stay while the fields around fill', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), note: z.string() }),
    form: { defaultValues: { vendor: '', note: '' } },
    children: ({ register }) => (
      <>
        <input aria-label="Vendor" {...register('vendor')} />
        <textarea aria-label="Note" {...register('note')} />
      </>
    ),
  });
  await page.ask();
  await page.write('{"vendor":"Har');
  const vendor = field('Vendor');
  vendor.focus();
  vendor.setSelectionRange(1, 2, 'backward');
  await page.write('bour","note":"Del');
  await page.write('iver"}');
  await page.finish();
  expect(document.activeElement).toBe(vendor);
  expect([vendor.value, vendor.selectionStart, vendor.selectionEnd, vendor.selectionDirection]).toEqual([
    'Har',
    1,
    2,
    'backward',
  ]);
  expect(field('Note').value).toBe('Deliver');
});
