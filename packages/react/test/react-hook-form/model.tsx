import {
  useObjectFieldArray,
  useObjectFormField,
  type FormField,
  type FormFilling,
} from '@rivulet/react/react-hook-form';
import { act, cleanup, fireEvent } from '@testing-library/react';
import { memo, useState, type ReactElement } from 'react';
import type { FieldValues, UseFieldArrayReturn, UseFormReturn } from 'react-hook-form';
import { z } from 'zod';
import { fillOf } from '../../src/react-hook-form/form-filling.ts';
import { renderOwnForm, type OwnForm } from './own-form.tsx';
import { macrotask } from '../support/turns.ts';

const schema = z.object({
  vendor: z.string(),
  due: z.string(),
  price: z.union([z.number(), z.string()]),
  currency: z.string(),
  paid: z.boolean(),
  note: z.string(),
  days: z.array(z.object({ title: z.string(), stops: z.array(z.object({ name: z.string() })) })),
});

const EMPTY = { vendor: '', due: '', price: null, currency: '', paid: false, note: '', days: [] };

interface Part {
  readonly form: UseFormReturn;
  readonly filling: FormFilling;
}

function textOf({ status, suggestion, isRefilling }: FormField): string {
  return JSON.stringify({ status, suggestion, isRefilling });
}

/** Renders only when it is notified. */
const Status = memo(function Status({ filling, name }: { readonly filling: FormFilling; readonly name: string }) {
  return <output data-status={name}>{textOf(useObjectFormField(filling, name))}</output>;
});

type Rows = UseFieldArrayReturn<FieldValues, string>;

/** The lists that are on the page, by their names. */
type Lists = Map<string, Rows>;

function Days({ form, filling, lists }: Part & { readonly lists: Lists }): ReactElement {
  const rows = useObjectFieldArray<FieldValues, string>(filling, {
    control: form.control,
    name: 'days',
    blank: { title: '', stops: [] },
  });
  lists.set('days', rows);
  return (
    <>
      <Status filling={filling} name="days" />
      {rows.fields.map(({ id }, index) => (
        <fieldset key={id} data-row={id}>
          <Status filling={filling} name={`days.${index}`} />
          <Status filling={filling} name={`days.${index}.title`} />
          <input {...form.register(`days.${index}.title`)} />
          <Stops form={form} filling={filling} lists={lists} index={index} />
        </fieldset>
      ))}
    </>
  );
}

function Stops({
  form,
  filling,
  lists,
  index,
}: Part & { readonly lists: Lists; readonly index: number }): ReactElement {
  const name = `days.${index}.stops`;
  const rows = useObjectFieldArray<FieldValues, string>(filling, { control: form.control, name, blank: { name: '' } });
  lists.set(name, rows);
  return (
    <>
      {rows.fields.map(({ id }, at) => (
        <span key={id} data-stop={id}>
          <Status filling={filling} name={`${name}.${at}.name`} />
          <input {...form.register(`${name}.${at}.name`)} />
        </span>
      ))}
    </>
  );
}

function Page({
  form,
  filling,
  lists,
  onFold,
}: Part & { readonly lists: Lists; onFold(fold: () => void): void }): ReactElement {
  const [isFolded, setFolded] = useState(false);
  onFold(() => setFolded((is) => !is));
  return (
    <>
      {['', 'vendor', 'due', 'price', 'currency', 'paid', 'note'].map((name) => (
        <Status key={name} filling={filling} name={name} />
      ))}
      <input {...form.register('vendor', { maxLength: 9 })} />
      <input type="datetime-local" step="any" {...form.register('due')} />
      <input type="number" step="any" {...form.register('price', { valueAsNumber: true })} />
      <select {...form.register('currency')}>
        <option value="" />
        <option>EUR</option>
        <option>USD</option>
      </select>
      <input type="checkbox" {...form.register('paid')} />
      {!isFolded && <textarea {...form.register('note', { minLength: 9 })} />}
      <Days form={form} filling={filling} lists={lists} />
    </>
  );
}

/** Numbers that look random, and are the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the user has typed, by the input, until something else may have its place. */
type Typed = Map<string, string>;

export interface FormPlay {
  readonly log: readonly string[];
  readonly violations: readonly string[];
}

/** Plays a user, a model and code that work on one form at the same time, and checks the form after each step. */
export async function playForm(seed: number, steps = 24): Promise<FormPlay> {
  const random = createRandom(seed);
  const int = (end: number): number => Math.floor(random() * end);
  const pick = <T,>(items: readonly T[]): T => items[int(items.length)] as T;
  const log: string[] = [];
  const violations: string[] = [];
  const lists: Lists = new Map();
  const typed: Typed = new Map();
  let fold = (): void => undefined;
  let counter = 0;
  /** The browser has reset the page, and the form not. */
  let isBlank = false;
  /** What the form held before the last fill, for as long as the user has done nothing but move and remove rows. */
  let beforeFill:
    | { readonly values: unknown; readonly hadRows: boolean; isOnlyMoved: boolean; isUntouched: boolean }
    | undefined;
  let left: string | undefined;
  let isFilling = false;
  const results: { isSettled: boolean; value: unknown }[] = [];

  const page: OwnForm = renderOwnForm({
    schema,
    form: { defaultValues: structuredClone(EMPTY) },
    options: { protect: 'edited' },
    children: (form, filling) => (
      <Page form={form} filling={filling} lists={lists} onFold={(given) => (fold = given)} />
    ),
  });
  const element = document.querySelector('form') as HTMLFormElement;

  async function frame(): Promise<void> {
    await act(async () => {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await macrotask();
    });
  }

  function inputs(): HTMLInputElement[] {
    return [...element.querySelectorAll<HTMLInputElement>('input, select, textarea')];
  }

  /** Names an input by its row, which may move. */
  function keyOf(input: HTMLInputElement): string {
    const row = input.closest('[data-row]')?.getAttribute('data-row') ?? '';
    const stop = input.closest('[data-stop]')?.getAttribute('data-stop') ?? '';
    return `${row}/${stop}/${row || stop ? '' : input.name}`;
  }

  function shownIn(input: HTMLInputElement): unknown {
    if (input.type === 'checkbox') return input.checked;
    if (input.type === 'number') return input.value === '' ? null : Number(input.value);
    return input.value;
  }

  function check(): void {
    const rows = (page.form.getValues('days') ?? []) as { title?: unknown; stops?: unknown[] }[];
    const shownRows = element.querySelectorAll('[data-row]').length;
    if (rows.length !== shownRows) violations.push(`${shownRows} rows are on the page, ${rows.length} in the form`);
    for (const [index, row] of rows.entries()) {
      if (typeof row?.title !== 'string' || !Array.isArray(row.stops)) violations.push(`row ${index} is a ghost`);
    }
    const stops = rows.reduce((sum, { stops: own }) => sum + (own?.length ?? 0), 0);
    const shownStops = element.querySelectorAll('[data-stop]').length;
    if (stops !== shownStops) violations.push(`${shownStops} stops are on the page, ${stops} in the form`);
    for (const output of element.querySelectorAll<HTMLElement>('[data-status]')) {
      const name = output.dataset['status'] ?? '';
      const known = JSON.stringify(fillOf(page.object.filling).field(name));
      if (output.textContent !== known) violations.push(`${name} is ${known}, and shows ${output.textContent}`);
    }
    for (const input of inputs()) {
      const key = keyOf(input);
      const value: unknown = page.form.getValues(input.name);
      const held = Number.isNaN(value) || value === undefined ? (input.type === 'number' ? null : '') : value;
      if (!isBlank && shownIn(input) !== (held ?? (input.type === 'number' ? null : ''))) {
        violations.push(`${input.name} shows ${input.value}, the form has ${JSON.stringify(value)}`);
      }
      const own = typed.get(key);
      if (own !== undefined && !isBlank && input.value !== own)
        violations.push(`${input.name} was ${own}, is ${input.value}`);
    }
  }

  function touch(): void {
    if (beforeFill) beforeFill.isUntouched = false;
  }

  function text(): string {
    counter += 1;
    return pick(['Harbour', 'Blue Door', 'Ünïcödé ✓', 'a "quoted" \\ text']) + String(counter);
  }

  function model(): string {
    const days = Array.from({ length: int(4) }, () => ({
      title: text(),
      stops: Array.from({ length: int(3) }, () => ({ name: text() })),
    }));
    const fields: [string, unknown][] = [
      ['vendor', text()],
      ['due', pick(['2026-03-12T10:30', '2026-03-12T10:30:00Z', 'soon', '2026-03-12'])],
      ['price', pick([12, 3.5, '1.234,50', 'a lot'])],
      ['currency', pick(['EUR', 'USD', 'CHF'])],
      ['paid', random() < 0.5],
      ['note', text()],
      ['days', days],
    ];
    const order = fields.map((each) => ({ each, at: random() })).toSorted((a, b) => a.at - b.at);
    return JSON.stringify(Object.fromEntries(order.map(({ each }) => each)));
  }

  const operations: Record<string, () => Promise<void> | void> = {
    async fill() {
      beforeFill = {
        values: structuredClone(page.form.getValues()),
        hadRows: ((page.form.getValues('days') ?? []) as unknown[]).length > 0,
        isOnlyMoved: true,
        isUntouched: !isFilling && document.activeElement === document.body,
      };
      const result = { isSettled: false, value: undefined as unknown };
      results.push(result);
      await page.ask(() => {
        void page.object.fill('a mail').then((value) => Object.assign(result, { isSettled: true, value }));
      });
      left = model();
      isFilling = true;
    },
    stream() {
      if (!isFilling || !left) return;
      const cut = 1 + int(Math.min(left.length, 120));
      page.calls.at(-1)!.text(left.slice(0, cut));
      left = left.slice(cut);
    },
    finish() {
      if (!isFilling) return;
      if (left) page.calls.at(-1)!.text(left);
      page.calls.at(-1)!.finish();
      left = undefined;
      isFilling = false;
      if (!results.at(-1)?.isSettled) isBlank = false;
    },
    fail() {
      if (!isFilling || isBlank) return;
      page.calls.at(-1)!.cut();
      isFilling = false;
    },
    stop() {
      if (isBlank) return;
      act(() => page.object.stop());
      isFilling = false;
    },
    type() {
      if (isBlank) return;
      const input = pick(inputs().filter(({ type }) => type === 'text' || type === 'textarea'));
      const value = `mine ${(counter += 1)}`;
      input.focus();
      fireEvent.change(input, { target: { value } });
      typed.set(keyOf(input), value);
      touch();
      if (beforeFill) beforeFill.isOnlyMoved = false;
    },
    focus() {
      pick(inputs()).focus();
      touch();
    },
    blur() {
      (document.activeElement as HTMLElement | null)?.blur();
    },
    async undo() {
      (document.activeElement as HTMLElement | null)?.blur();
      await frame();
      if (!page.object.canUndo) return;
      const before = beforeFill;
      act(() => page.object.undo());
      isFilling = false;
      await frame();
      await frame();
      const values = page.form.getValues();
      if (before?.isUntouched && JSON.stringify(plain(values)) !== JSON.stringify(plain(before.values))) {
        violations.push(`undo left ${JSON.stringify(values)} of ${JSON.stringify(before.values)}`);
      }
      const days = (values['days'] ?? []) as { title: string }[];
      if (before?.isOnlyMoved && !before.hadRows && days.some(({ title }) => !title.startsWith('own'))) {
        violations.push(`undo left the rows ${JSON.stringify(days)}`);
      }
      beforeFill = undefined;
    },
    accept() {
      const [suggestion] = page.object.suggestions;
      if (!suggestion) return;
      typed.clear();
      touch();
      if (beforeFill) beforeFill.isOnlyMoved = false;
      act(() => page.object.accept(suggestion.name));
    },
    async submit() {
      await act(() => page.form.handleSubmit(() => undefined)());
    },
    setError() {
      act(() => page.form.setError(pick(['vendor', 'price', 'days', 'days.0.title']), { type: 'code', message: 'no' }));
    },
    clearErrors() {
      act(() => page.form.clearErrors(pick([undefined, 'vendor', 'note'])));
    },
    reset() {
      act(() => page.form.reset(structuredClone(EMPTY)));
      typed.clear();
      beforeFill = undefined;
      isFilling = false;
      isBlank = false;
    },
    resetPage() {
      if (isFilling || typed.size > 0) return;
      // What the caret is in waits for it to leave.
      (document.activeElement as HTMLElement | null)?.blur();
      // The next fill writes no row of the user.
      if (JSON.stringify(page.form.getValues('days') ?? []).includes('"own ')) return;
      page.form.clearErrors();
      element.reset();
      isBlank = true;
    },
    fold() {
      act(() => fold());
    },
    rows() {
      const [name, list] = pick(
        [...lists].filter(([each]) => element.querySelector(`[name^="${each}."]`) || each === 'days'),
      );
      const { length } = (page.form.getValues(name) ?? []) as unknown[];
      const own = name === 'days' ? { title: `own ${(counter += 1)}`, stops: [] } : { name: `own ${(counter += 1)}` };
      const change = pick(['append', 'prepend', 'insert', 'move', 'swap', 'remove'] as const);
      log.push(`${change} ${name}`);
      if (name !== 'days' || !['move', 'swap', 'remove'].includes(change)) touch();
      if (change === 'remove' || change === 'move' || change === 'swap') touch();
      act(() => {
        if (change === 'append') list.append(own);
        else if (change === 'prepend') list.prepend(own);
        else if (change === 'insert') list.insert(int(length + 1), own);
        else if (length === 0) return;
        else if (change === 'remove') list.remove(int(length));
        else list[change](int(length), int(length));
      });
      if (name !== 'days' && !['move', 'swap', 'remove'].includes(change) && beforeFill) beforeFill.isOnlyMoved = false;
    },
  };

  const weights = [
    'fill',
    'fill',
    'stream',
    'stream',
    'stream',
    'stream',
    'stream',
    'finish',
    'finish',
    'fail',
    'stop',
    'type',
    'type',
    'focus',
    'blur',
    'undo',
    'undo',
    'accept',
    'submit',
    'setError',
    'clearErrors',
    'reset',
    'resetPage',
    'fold',
    'rows',
    'rows',
    'rows',
  ];

  try {
    for (let step = 0; step < steps && violations.length === 0; step += 1) {
      let name = pick(weights);
      if (isBlank) name = isFilling ? pick(['stream', 'finish']) : 'fill';
      log.push(name);
      await operations[name]?.();
      await frame();
      if (log.includes('blur')) await macrotask();
      lists.forEach((_, each) => {
        if (page.form.getValues(each) === undefined) lists.delete(each);
      });
      check();
    }
    if (isFilling) await operations['stop']?.();
    if (isFilling) await operations['finish']?.();
    await frame();
    await frame();
    if (results.some(({ isSettled }) => !isSettled)) violations.push('a fill has not settled');
  } catch (error) {
    violations.push(`threw ${String(error)}`);
  } finally {
    page.unmount();
    cleanup();
  }
  return { log, violations };
}

/** Empty fields have many shapes. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]): [string, unknown] => [key, plain(inner)])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return value === null || value === undefined || Number.isNaN(value) ? '' : value;
}
