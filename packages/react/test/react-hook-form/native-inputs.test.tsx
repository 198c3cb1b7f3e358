import { useObjectFormField, type FormFilling } from '@rivulet/react/react-hook-form';
import { act, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm, type OwnFormOptions } from './own-form.tsx';

failOnConsoleErrors();

function Status({ filling, name }: { readonly filling: FormFilling; readonly name: string }): ReactElement {
  return <output>{useObjectFormField(filling, name).status}</output>;
}

type Register = Parameters<OwnFormOptions['children']>[0]['register'];

function renderField(input: (register: Register) => ReactElement, options: OwnFormOptions['options'] = {}): OwnForm {
  return renderOwnForm({
    schema: z.object({ x: z.unknown(), other: z.string() }),
    options: { jsonSchema: { type: 'object', properties: { x: {}, other: { type: 'string' } } }, ...options },
    form: { defaultValues: { x: null, other: '' } },
    children: ({ register }, filling) => (
      <>
        {input(register)}
        <input aria-label="Other" {...register('other')} />
        <Status filling={filling} name="x" />
      </>
    ),
  });
}

const typed =
  (type: string, attributes: object = {}, rules: object = {}) =>
  (register: Register): ReactElement => <input aria-label="X" type={type} {...attributes} {...register('x', rules)} />;

const local = (text: string): string => {
  const date = new Date(text);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

test.for<[string, ReturnType<typeof typed>, unknown, string, unknown]>([
  [
    'a date-time in UTC in datetime-local',
    typed('datetime-local'),
    '2026-03-12T10:30:00.000Z',
    local('2026-03-12T10:30Z'),
    local('2026-03-12T10:30Z'),
  ],
  [
    'a date-time with an offset in datetime-local',
    typed('datetime-local'),
    '2026-03-12T10:30:00+02:00',
    local('2026-03-12T10:30+02:00'),
    local('2026-03-12T10:30+02:00'),
  ],
  [
    'a date-time with microseconds in datetime-local',
    typed('datetime-local', { step: 'any' }),
    '2026-03-12T10:30:15.123456',
    '2026-03-12T10:30:15.123',
    '2026-03-12T10:30:15.123',
  ],
  ['a date-time in date', typed('date'), '2026-03-12T10:30:00', '2026-03-12', '2026-03-12'],
  ['a date in month', typed('month'), '2026-03-12', '2026-03', '2026-03'],
  ['a date-time in time', typed('time'), '2026-03-12T10:30', '10:30', '10:30'],
  ['a decimal comma in number', typed('number', { step: 'any' }), '1.234,50', '1234.50', '1234.50'],
  [
    'a decimal comma in number as a number',
    typed('number', { step: 'any' }, { valueAsNumber: true }),
    '1.234,50',
    '1234.50',
    1234.5,
  ],
  ['thousands of commas in number', typed('number'), '1,234,567', '1234567', '1234567'],
  ['thousands of spaces in number', typed('number', { step: 'any' }), '1 234,5', '1234.5', '1234.5'],
  ['a number in range', typed('range', { min: 0, max: 10 }), 7, '7', 7],
  ['a short color', typed('color'), '#F00', '#ff0000', '#ff0000'],
  ['a number in a text field', typed('text'), 12, '12', 12],
])('%s is shown, and complete', async ([, input, value, onPage, held]) => {
  const page = renderField(input);
  await page.answer({ x: value, other: 'b' });
  await shown();
  expect(field('X').value).toBe(onPage);
  expect(page.form.getValues('x')).toEqual(held);
  expect(screen.getByRole('status')).toHaveTextContent('complete');
});

const radios = (register: Register): ReactElement => (
  <>
    <input type="radio" aria-label="X" value="small" {...register('x')} />
    <input type="radio" aria-label="Large" value="large" {...register('x')} />
  </>
);
const checkboxes = (register: Register): ReactElement => (
  <>
    <input type="checkbox" aria-label="X" value="salt" {...register('x')} />
    <input type="checkbox" aria-label="Oil" value="oil" {...register('x')} />
  </>
);
const select =
  (attributes: object = {}) =>
  (register: Register): ReactElement => (
    <select aria-label="X" {...attributes} {...register('x')}>
      <option value="" />
      <option>EUR</option>
      <option>USD</option>
    </select>
  );

test.for<[string, ReturnType<typeof typed>, unknown]>([
  ['a text in datetime-local', typed('datetime-local'), 'next Monday'],
  ['a day that does not exist in date', typed('date'), '2026-02-30'],
  ['a text in time', typed('time'), 'noon'],
  ['a date in week', typed('week'), '2026-03-12'],
  ['a month by its name', typed('month'), 'March'],
  ['a text in number', typed('number'), 'twelve'],
  ['a number that may be one of two', typed('number'), '1,234'],
  ['a number above the end of a range', typed('range', { min: 0, max: 10 }), 12],
  ['a number between the steps of a range', typed('range', { min: 0, max: 10, step: 5 }), 7],
  ['a color by its name', typed('color'), 'no colour'],
  ['a file', typed('file'), 'report.pdf'],
  ['an object in a text field', typed('text'), ['a', 'b']],
  ['a choice that a select lacks', select(), 'CHF'],
  ['one of several choices that a select lacks', select({ multiple: true }), ['EUR', 'CHF']],
  ['a number in a select of several', select({ multiple: true }), 5],
  ['a radio button without that value', radios, 'huge'],
  ['a group of checkboxes without that value', checkboxes, ['salt', 'sugar']],
  ['a text in a group of checkboxes', checkboxes, 'all'],
  ['a text in a checkbox', typed('checkbox'), 'maybe'],
])('%s is an error of the field, and not in the form', async ([, input, value]) => {
  const page = renderField(input);
  const before: unknown = page.form.getValues('x');
  const valueBefore = field('X').value;
  await page.answer({ x: value, other: 'b' });
  await shown();
  expect(page.form.getValues('x')).toEqual(before);
  expect(field('X').value).toBe(valueBefore);
  expect(page.form.getFieldState('x').error).toMatchObject({ type: 'refused' });
  expect(page.form.getFieldState('x').error?.message).toContain(JSON.stringify(value));
  expect(screen.getByRole('status')).toHaveTextContent('invalid');
  act(() => page.object.undo());
  await shown();
  expect(page.form.getFieldState('x').error).toBeUndefined();
  await page.answer({ x: null, other: 'c' });
  expect(page.form.getFieldState('x').error).toBeUndefined();
});

test.for<[string, ReturnType<typeof typed>, unknown]>([
  ['a text longer than its field', typed('text', { maxLength: 3 }), 'Harbour'],
  ['a text that breaks the pattern', typed('text', { pattern: '[A-Z]+' }), 'harbour'],
  ['a text that is not an address', typed('email'), 'nobody'],
  ['a number out of bounds', typed('number', { max: 5 }), 7],
  ['a number between steps', typed('number'), 7.5],
])('%s is shown with an error', async ([, input, value]) => {
  const page = renderField(input);
  await page.answer({ x: value, other: 'b' });
  await shown();
  expect(field('X').value).toBe(String(value));
  expect(page.form.getValues('x')).toBe(value);
  expect(page.form.getFieldState('x').error).toMatchObject({ type: 'constraint' });
  expect(screen.getByRole('status')).toHaveTextContent('invalid');
});

test('an element that is edited in place shows the text', async () => {
  const page = renderField((register) => {
    const { ref, onBlur } = register('x');
    return (
      <div
        ref={ref}
        onBlur={(event) => void onBlur(event)}
        data-testid="x"
        contentEditable
        suppressContentEditableWarning
      />
    );
  });
  await page.ask();
  await page.write('{"x":"Har');
  expect(screen.getByTestId('x').textContent).toBe('Har');
  await page.write('bour","other":"b"}');
  await page.finish();
  expect(screen.getByTestId('x').textContent).toBe('Harbour');
  act(() => page.object.undo());
  expect(screen.getByTestId('x').textContent).toBe('');
});

test('what the schema refuses, and what the form never shows, is refused without `validate` too', async () => {
  const page = renderField(select(), { validate: false });
  await page.answer({ x: 'CHF', other: 'b' });
  await shown();
  expect(screen.getByRole('status')).toHaveTextContent('invalid');
  expect(page.form.getValues()).toEqual({ x: null, other: 'b' });
});

test('a value without an input is held by the form', async () => {
  const page = renderField(() => <i />);
  await page.answer({ x: 'hidden', other: 'b' });
  expect(page.form.getValues('x')).toBe('hidden');
});
