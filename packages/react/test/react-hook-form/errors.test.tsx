import { zodResolver } from '@hookform/resolvers/zod';
import { useObjectFieldArray, type FormFilling } from '@rivulet/react/react-hook-form';
import { act, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { field, renderOwnForm, shown, type OwnForm } from './own-form.tsx';

failOnConsoleErrors();

test('an error of a list goes when the user adds an item, and does not keep the form from being submitted', async () => {
  function Items({ form, filling }: { readonly form: OwnForm['form']; readonly filling: FormFilling }): ReactElement {
    const { control, register } = form;
    const { fields, append } = useObjectFieldArray(filling, { control, name: 'items' as never });
    return (
      <>
        {fields.map(({ id }, index) => (
          <input key={id} {...register(`items.${index}.name`)} />
        ))}
        <button onClick={() => append({ name: 'Mine' })}>Add</button>
      </>
    );
  }
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), items: z.array(z.object({ name: z.string() })).min(1, 'At least one') }),
    form: { defaultValues: { vendor: '', items: [] } },
    children: (form, filling) => (
      <>
        <input aria-label="Vendor" {...form.register('vendor')} />
        <Items form={form} filling={filling} />
      </>
    ),
  });
  await page.answer({ vendor: 'Harbour', items: [] });
  expect(page.form.getFieldState('items').error?.message).toBe('At least one');
  await userEvent.click(screen.getByText('Add'));
  expect(page.form.getFieldState('items').error).toBeUndefined();
  const submitted = vi.fn<(values: object) => void>();
  await act(() => page.form.handleSubmit(submitted)());
  expect(submitted).toHaveBeenCalledTimes(1);
});

test('what is missing where the page has no field does not keep the form from being submitted', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string(), hidden: z.string() }),
    form: { defaultValues: { vendor: '' } },
    children: ({ register }) => <input aria-label="Vendor" {...register('vendor')} />,
  });
  await page.answer({ vendor: 'Harbour' });
  expect(page.object.error?.code).toBe('validation');
  const submitted = vi.fn<(values: object) => void>();
  await act(() => page.form.handleSubmit(submitted)());
  expect(submitted).toHaveBeenCalledTimes(1);
});

test('an error of the resolver comes before one of the schema, and each goes with its cause', async () => {
  const page = renderOwnForm({
    schema: z.object({ vendor: z.string().min(3, 'schema'), total: z.number().max(10, 'too much for us') }),
    form: {
      defaultValues: { vendor: '', total: null },
      resolver: zodResolver(z.object({ vendor: z.string().min(5, 'form'), total: z.number() })) as never,
      mode: 'onChange',
    },
    children: ({ register, formState: { errors, isDirty } }) => (
      <>
        <input aria-label="Vendor" aria-invalid={!!errors['vendor']} {...register('vendor')} />
        <input aria-label="Total" type="number" {...register('total', { valueAsNumber: true })} />
        <output data-testid="dirty">{String(isDirty)}</output>
        <output data-testid="errors">
          {Object.entries(errors)
            .map(([name, error]) => `${name}: ${error?.message as string}`)
            .join()}
        </output>
      </>
    ),
  });
  await page.answer({ vendor: 'ab', total: 11 });
  await shown();
  expect(screen.getByTestId('errors').textContent).toBe('vendor: form,total: too much for us');
  expect(screen.getByTestId('dirty').textContent).toBe('true');
  await userEvent.type(field('Vendor'), 'cde');
  expect(screen.getByTestId('errors').textContent).toBe('total: too much for us');
  act(() => page.object.undo());
  await shown();
  expect(screen.getByTestId('errors').textContent).toBe('');
  expect(page.form.getValues()).toEqual({ vendor: 'abcde', total: null });
  expect(screen.getByTestId('dirty').textContent).toBe('true');
});
