import { useObjectFieldArray, useObjectForm, type FormFilling, type FormPath } from '@rivulet/react/react-hook-form';
import type { LLMClient } from '@rivulet/core';
import { act, render, screen, waitFor } from '@testing-library/react';
import type { ReactElement } from 'react';
import { Controller, useForm, type UseFormReturn } from 'react-hook-form';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';

failOnConsoleErrors();

const trip = z.object({
  start: z.string(),
  mood: z.string(),
  tags: z.array(z.string()),
  price: z.object({ amount: z.number(), currency: z.string() }),
  days: z.array(z.object({ title: z.string(), stops: z.array(z.object({ name: z.string() })) })),
});

interface TripForm {
  start: Date | null;
  mood: string;
  tags: string[];
  price: { amount: number; currency: string };
  days: { title: string; stops: { name: string }[] }[];
}

type Name = FormPath<typeof trip>;

/** Every value that the own components were given. */
function renderTrip(client: LLMClient): {
  readonly seen: Record<'mood' | 'tags' | 'price', unknown[]>;
  readonly page: { form: UseFormReturn<TripForm>; fill(): void; undo(): void };
} {
  const seen = { mood: [] as unknown[], tags: [] as unknown[], price: [] as unknown[] };
  const page = {} as { form: UseFormReturn<TripForm>; fill(): void; undo(): void };

  function Stops({ filling, index }: { readonly filling: FormFilling<Name>; readonly index: number }): ReactElement {
    const { control, register } = page.form;
    const { fields } = useObjectFieldArray(filling, { control, name: `days.${index}.stops`, blank: { name: '' } });
    return (
      <>
        {fields.map(({ id }, at) => (
          <input key={id} data-testid="stop" {...register(`days.${index}.stops.${at}.name`)} />
        ))}
      </>
    );
  }

  function Trip(): ReactElement {
    const form = useForm<TripForm>({
      defaultValues: { start: null, mood: 'calm', tags: [], price: { amount: 0, currency: '' }, days: [] },
    });
    const { control, register } = form;
    const { fill, undo, filling } = useObjectForm({
      form,
      schema: trip,
      client,
      atomic: (name) => name === 'mood' || name === 'price',
      toFormValue: (value, name) => (name === 'start' ? new Date(value as string) : value),
    });
    page.form = form;
    page.fill = () => void fill('a trip');
    page.undo = undo;
    const { fields } = useObjectFieldArray(filling, { control, name: 'days', blank: { title: '', stops: [] } });
    return (
      <>
        {(['mood', 'tags', 'price'] as const).map((name) => (
          <Controller
            key={name}
            control={control}
            name={name}
            render={({ field }) => {
              if (JSON.stringify(seen[name].at(-1)) !== JSON.stringify(field.value)) seen[name].push(field.value);
              return <i />;
            }}
          />
        ))}
        {fields.map(({ id }, index) => (
          <div key={id}>
            <input data-testid="day" {...register(`days.${index}.title`)} />
            <Stops filling={filling} index={index} />
          </div>
        ))}
      </>
    );
  }
  render(<Trip />);
  return { seen, page };
}

const WHOLE = {
  start: '2026-03-12',
  mood: 'wild',
  tags: ['sea', 'wind'],
  price: { amount: 12, currency: 'EUR' },
  days: [
    { title: 'Out', stops: [{ name: 'Harbour' }, { name: 'Lock' }] },
    { title: 'Back', stops: [{ name: 'Weir' }] },
  ],
};

const FILLED = { ...WHOLE, start: new Date(WHOLE.start) };

function texts(testId: string): string[] {
  return screen.queryAllByTestId<HTMLInputElement>(testId).map(({ value }) => value);
}

test('lists within lists grow, own components get whole values, and values become what the form holds', async () => {
  const { client, calls } = scriptedClient();
  const { seen, page } = renderTrip(client);
  act(() => page.fill());
  await waitFor(() => expect(calls).toHaveLength(1));
  const pieces = JSON.stringify({ ...WHOLE, days: WHOLE.days }).match(/.{1,7}/g) ?? [];
  const stops = new Map<string, HTMLElement>();
  for (const piece of pieces) {
    calls[0]!.text(piece);
    await waitFor(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    for (const stop of screen.queryAllByTestId<HTMLInputElement>('stop')) {
      const known = stops.get(stop.name) ?? stop;
      expect(known).toBe(stop);
      stops.set(stop.name, stop);
    }
  }
  calls[0]!.finish();
  await waitFor(() => expect(page.form.getValues()).toEqual(FILLED));
  await waitFor(() => expect(texts('stop')).toEqual(['Harbour', 'Lock', 'Weir']));
  expect(texts('day')).toEqual(['Out', 'Back']);
  expect(seen).toEqual({
    mood: ['calm', 'wild'],
    tags: [[], WHOLE.tags],
    price: [{ amount: 0, currency: '' }, WHOLE.price],
  });
});

test('all of it in one piece is the same, and one step undoes it', async () => {
  const { client, calls } = scriptedClient();
  const { page } = renderTrip(client);
  act(() => page.fill());
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text(JSON.stringify(WHOLE));
  calls[0]!.finish();
  await waitFor(() => expect(page.form.getValues()).toEqual(FILLED));
  await waitFor(() => expect(texts('stop')).toEqual(['Harbour', 'Lock', 'Weir']));
  act(() => page.undo());
  await waitFor(() => expect(texts('day')).toEqual([]));
  expect(page.form.getValues()).toEqual({
    start: null,
    mood: 'calm',
    tags: [],
    price: { amount: 0, currency: '' },
    days: [],
  });
});
