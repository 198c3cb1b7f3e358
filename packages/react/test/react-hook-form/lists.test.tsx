import { useObjectFieldArray, type FormFilling } from '@rivulet/react/react-hook-form';
import { act, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import type { Control, FieldValues, UseFormRegister } from 'react-hook-form';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm, type OwnFormOptions } from './own-form.tsx';

failOnConsoleErrors();

interface Part {
  readonly control: Control;
  readonly register: UseFormRegister<FieldValues>;
  readonly filling: FormFilling;
}

function Days({ control, register, filling }: Part): ReactElement {
  const { fields, remove, move, prepend } = useObjectFieldArray(filling, {
    control,
    name: 'days' as never,
    blank: { title: '', stops: [] },
  });
  return (
    <>
      {fields.map(({ id }, index) => (
        <div key={id}>
          <input aria-label={`Day ${index}`} data-testid="day" {...register(`days.${index}.title`)} />
          <Stops control={control} register={register} filling={filling} index={index} />
          <button onClick={() => remove(index)}>Remove day {index}</button>
        </div>
      ))}
      <button onClick={() => move(0, 1)}>Swap</button>
      <button onClick={() => prepend({ title: 'Mine', stops: [{ name: 'My stop' }] })}>Prepend</button>
    </>
  );
}

function Stops({ control, register, filling, index }: Part & { readonly index: number }): ReactElement {
  const { fields, remove } = useObjectFieldArray(filling, {
    control,
    name: `days.${index}.stops` as never,
    blank: { name: '' },
  });
  return (
    <>
      {fields.map(({ id }, at) => (
        <span key={id}>
          <input
            aria-label={`Stop ${index}.${at}`}
            data-testid="stop"
            {...register(`days.${index}.stops.${at}.name`)}
          />
          <button onClick={() => remove(at)}>{`Remove stop ${index}.${at}`}</button>
        </span>
      ))}
    </>
  );
}

const tripSchema = z.object({
  days: z.array(z.object({ title: z.string(), stops: z.array(z.object({ name: z.string() })) })),
  end: z.string(),
});

function renderTrip(options: OwnFormOptions['options'] = {}): OwnForm {
  return renderOwnForm({
    schema: tripSchema,
    options,
    form: { defaultValues: { days: [], end: '' } },
    children: (form, filling) => (
      <>
        <Days control={form.control} register={form.register} filling={filling} />
        <input aria-label="End" {...form.register('end')} />
      </>
    ),
  });
}

function texts(testId: string): string[] {
  return screen.queryAllByTestId<HTMLInputElement>(testId).map(({ value }) => value);
}

test('lists within lists find their items after the user has moved, removed and added some, on both levels', async () => {
  const page = renderTrip();
  await page.ask();
  await page.write('{"days":[{"title":"One","stops":[{"name":"A"}]},{"title":"Two","stops":[{"name":"B"},{"name":"C');
  expect(texts('stop')).toEqual(['A', 'B', 'C']);
  await userEvent.click(screen.getByText('Swap'));
  await page.write('c"},{"name":"D');
  await shown();
  expect(page.form.getValues('days')).toEqual([
    { title: 'Two', stops: [{ name: 'B' }, { name: 'Cc' }, { name: 'D' }] },
    { title: 'One', stops: [{ name: 'A' }] },
  ]);
  await userEvent.click(screen.getByText('Prepend'));
  await userEvent.click(screen.getByText('Remove stop 1.0'));
  await page.write('d"},{"name":"E"}]},{"title":"Three","stops":[{"name":"F"}]}]');
  await shown();
  expect(page.form.getValues('days')).toEqual([
    { title: 'Mine', stops: [{ name: 'My stop' }] },
    { title: 'Two', stops: [{ name: 'Cc' }, { name: 'Dd' }, { name: 'E' }] },
    { title: 'One', stops: [{ name: 'A' }] },
    { title: 'Three', stops: [{ name: 'F' }] },
  ]);
  await userEvent.click(screen.getByText('Remove day 1'));
  await page.write(',"end":"x"}');
  await page.finish();
  await shown();
  expect(texts('stop')).toEqual(['My stop', 'A', 'F']);
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues('days')).toEqual([{ title: 'Mine', stops: [{ name: 'My stop' }] }]);
  expect(texts('stop')).toEqual(['My stop']);
});

test('undo leaves no item after lists with lists have moved', async () => {
  const page = renderTrip();
  await page.ask();
  await page.write(
    '{"days":[{"title":"One","stops":[{"name":"A"}]},{"title":"Two","stops":[{"name":"B"},{"name":"C"}]}]',
  );
  await userEvent.click(screen.getByText('Swap'));
  await page.write(',"end":"x"}');
  await page.finish();
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ days: [], end: '' });
  expect([texts('day'), texts('stop')]).toEqual([[], []]);
});

test('a second fill that is shorter takes items away on both levels, and undo brings them back', async () => {
  const page = renderTrip();
  const first = {
    days: [
      { title: 'One', stops: [{ name: 'A' }, { name: 'B' }] },
      { title: 'Two', stops: [{ name: 'C' }, { name: 'D' }] },
    ],
    end: 'first',
  };
  const second = { days: [{ title: 'Uno', stops: [{ name: 'Z' }] }], end: 'second' };
  await page.answer(first);
  await shown();
  await page.answer(second);
  await shown();
  expect(page.form.getValues()).toEqual(second);
  act(() => page.object.undo());
  await shown();
  await shown();
  expect(page.form.getValues()).toEqual(first);
  expect(texts('stop')).toEqual(['A', 'B', 'C', 'D']);
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ days: [], end: '' });
});

test('an item is not taken from under the caret, but when the caret leaves it', async () => {
  const page = renderTrip({ protect: 'edited' });
  await page.answer({
    days: [
      { title: 'One', stops: [] },
      { title: 'Two', stops: [] },
    ],
    end: 'first',
  });
  await page.ask();
  await page.write('{"days":[{"title":"Uno","stops":[]');
  await userEvent.click(field('Day 1'));
  await page.write('}],"end":"second"}');
  await page.finish();
  expect(document.activeElement).toBe(field('Day 1'));
  await userEvent.click(field('End'));
  await shown();
  expect(page.form.getValues('days')).toEqual([{ title: 'Uno', stops: [] }]);
});

test('an item whose field was left stays, as the user’s own', async () => {
  const page = renderTrip();
  await page.answer({ days: ['One', 'Two'].map((title) => ({ title, stops: [] })), end: 'first' });
  await userEvent.click(field('Day 1'));
  await userEvent.click(field('End'));
  await page.answer({ days: [{ title: 'Uno', stops: [] }], end: 'second' });
  expect(texts('day')).toEqual(['Uno', 'Two']);
});

const ONE = { title: 'One', stops: [] };
const TWO = { title: 'Two', stops: [{ name: 'B' }] };
const BLANK = { title: '', stops: [] };

test.each([
  { days: [null, ONE, TWO], rows: [BLANK, ONE, TWO] },
  { days: [ONE, 'x', TWO], rows: [ONE, BLANK, TWO] },
  { days: [ONE, TWO, ['a', 'b']], rows: [ONE, TWO, BLANK] },
  { days: [5, true, '', ONE], rows: [BLANK, BLANK, BLANK, ONE] },
  { days: [[], null, TWO, null], rows: [BLANK, BLANK, TWO, BLANK] },
  {
    days: [ONE, { title: 'Two', stops: [null, { name: 'B' }, 'C'] }],
    rows: [ONE, { title: 'Two', stops: [{ name: '' }, { name: 'B' }, { name: '' }] }],
  },
  { days: [{ title: 'One', stops: 'none' }, TWO], rows: [ONE, TWO] },
  { days: [{ title: 'One', stops: { name: 'A' } }, TWO], rows: [ONE, TWO] },
  { days: [{ title: 'One', stops: null }, TWO], rows: [ONE, TWO] },
  { days: 'none', rows: [] },
  { days: null, rows: [] },
  { days: { title: 'One', stops: [] }, rows: [] },
])('items of a wrong type are blank rows, and undo removes all rows: $days', async ({ days, rows }) => {
  for (const isWhole of [true, false]) {
    const page = renderTrip();
    const text = JSON.stringify({ days, end: 'x' });
    await page.ask();
    for (const piece of isWhole ? [text] : text.match(/.{1,6}/g)!) await page.write(piece);
    await page.finish();
    await shown();
    expect(page.form.getValues()).toEqual({ days: rows, end: 'x' });
    expect(texts('day')).toEqual(rows.map(({ title }) => title));
    act(() => page.object.undo());
    await shown();
    expect(page.form.getValues()).toEqual({ days: [], end: '' });
    expect(texts('day')).toEqual([]);
    page.unmount();
  }
});

function Tags({ control, register, filling }: Part): ReactElement {
  const { fields } = useObjectFieldArray(filling, { control, name: 'tags' as never, blank: { name: '' } });
  return (
    <>
      {fields.map(({ id }, index) => (
        <input key={id} data-testid="tag" {...register(`tags.${index}.name`)} />
      ))}
    </>
  );
}

test.each([100, 9, 1])(
  'toFormValue makes rows of texts that come in pieces of %i, and undo removes them',
  async (size) => {
    const page = renderOwnForm({
      schema: z.object({ tags: z.array(z.string()) }),
      options: { toFormValue: (value: unknown) => (typeof value === 'string' ? { name: value } : value) },
      form: { defaultValues: { tags: [] } },
      children: ({ control, register }, filling) => <Tags control={control} register={register} filling={filling} />,
    });
    await page.ask();
    for (const piece of '{"tags":["one","two","three"]}'.match(new RegExp(`.{1,${size}}`, 'g'))!)
      await page.write(piece);
    await page.finish();
    await shown();
    expect(texts('tag')).toEqual(['one', 'two', 'three']);
    expect(page.form.getValues()).toEqual({ tags: [{ name: 'one' }, { name: 'two' }, { name: 'three' }] });
    expect(page.object.suggestions).toEqual([]);
    act(() => page.object.undo());
    await shown();
    expect(page.form.getValues()).toEqual({ tags: [] });
  },
);

test('a list that is null in a second fill has no rows, and undo restores those of the first', async () => {
  const page = renderTrip();
  await page.answer({ days: [ONE, TWO], end: 'first' });
  await page.answer({ days: null, end: 'second' });
  await shown();
  expect(page.form.getValues()).toEqual({ days: [], end: 'second' });
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ days: [ONE, TWO], end: 'first' });
});

test('a reset leaves nothing to undo, and no item of an earlier fill comes back', async () => {
  const page = renderTrip();
  await page.answer({
    days: [
      { title: 'One', stops: [] },
      { title: 'Two', stops: [] },
    ],
    end: 'first',
  });
  await page.answer({ days: [{ title: 'Uno', stops: [] }], end: 'second' });
  act(() => page.form.reset());
  await shown();
  expect(page.object.canUndo).toBe(false);
  act(() => page.object.undo());
  await shown();
  expect(page.form.getValues()).toEqual({ days: [], end: '' });
});
