import { act, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { LLMError } from '@rivulet/core';
import { expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { invoice, renderInvoice, type InvoicePageOptions, type Page } from './invoice-form.tsx';

failOnConsoleErrors();

const WHOLE = {
  vendor: 'Harbour Boats',
  issued: '2026-03-12',
  currency: 'USD',
  paid: true,
  total: 322.32,
  items: [
    { description: 'Oak plank', quantity: 12 },
    { description: 'Wood glue', quantity: 3 },
  ],
  notes: 'Deliver to the back door.',
};

/** A page whose model is steered by the test. */
function scripted(options: Omit<InvoicePageOptions, 'client'> = {}): {
  readonly page: Page;
  readonly calls: ReturnType<typeof scriptedClient>['calls'];
  /** Starts a fill, and waits until the model is asked. */
  fill(): Promise<(...pieces: string[]) => Promise<void>>;
} {
  const { client, calls } = scriptedClient();
  const page = renderInvoice({ ...options, client });
  return {
    page,
    calls,
    async fill() {
      const asked = calls.length;
      act(() => void page.object.fill('a mail'));
      await waitFor(() => expect(calls).toHaveLength(asked + 1));
      return write(asked);
    },
  };
  function write(index: number) {
    return async (...pieces: string[]): Promise<void> => {
      calls[index]!.text(...pieces);
      await shown();
    };
  }
}

/** Lets everything that came be shown, as React does it in a page. */
async function shown(): Promise<void> {
  await waitFor(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    await macrotask();
  });
}

function input(label: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(label);
}

function status(name: string): string | null {
  return screen.getByTestId(`status ${name}`).textContent;
}

async function finish(calls: ReturnType<typeof scriptedClient>['calls']): Promise<void> {
  calls.at(-1)!.finish();
  await shown();
}

test('texts type themselves in, and all else is written when it is complete', async () => {
  const url = await serve({
    chunks: [
      { text: text('{"vendor":"Harb'), gate: 'a' },
      { text: text('our","issued":"2026-03-'), gate: 'b' },
      { text: text('12","currency":"US'), gate: 'c' },
      { text: text('D","paid":tru'), gate: 'd' },
      { text: text('e,"total":32'), gate: 'e' },
      { text: text('2.32,"items":[]}') + END, gate: 'f' },
    ],
  });
  const page = renderInvoice({ client: clientOf(url) });
  expect(status('vendor')).toBe('absent');
  let result: unknown;
  act(() => void page.object.fill('a mail').then((object) => (result = object)));
  await commands.release(url, 'a');
  await waitFor(() => expect(input('Vendor').value).toBe('Harb'));
  expect(status('vendor')).toBe('streaming');

  await commands.release(url, 'b');
  await waitFor(() => expect(input('Vendor').value).toBe('Harbour'));
  expect(status('vendor')).toBe('complete');
  expect(input('Issued').value).toBe('');

  await commands.release(url, 'c');
  await waitFor(() => expect(input('Issued').value).toBe('2026-03-12'));
  expect(input('Currency').value).toBe('EUR');

  await commands.release(url, 'd');
  await waitFor(() => expect(input('Currency').value).toBe('USD'));
  expect(input('Paid').checked).toBe(false);

  await commands.release(url, 'e');
  await waitFor(() => expect(input('Paid').checked).toBe(true));
  expect(input('Total').value).toBe('');

  await commands.release(url, 'f');
  await waitFor(() => expect(input('Total').value).toBe('322.32'));
  await waitFor(() => expect(page.object).toMatchObject({ status: 'ready', isFilling: false }));
  const { notes: _, ...given } = WHOLE;
  expect(result).toEqual({ ...given, vendor: 'Harbour', items: [] });
  expect(page.object.final).toBe(result);
  expect(page.form.getValues()).toMatchObject({ ...given, vendor: 'Harbour', items: [] });
  expect(page.form.getFieldState('vendor')).toMatchObject({ isDirty: true, isTouched: false });
  const [request] = await commands.requests(url);
  expect(request?.body).toContain('Read this: a mail');
});

test('an item appears when the model opens it, and no item is ever mounted anew', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"items":[{');
  await waitFor(() => expect(screen.getAllByTestId('item')).toHaveLength(1));
  const [first] = screen.getAllByTestId('item');
  expect(input('Description 0').value).toBe('');

  await write('"description":"Oak pl');
  await waitFor(() => expect(input('Description 0').value).toBe('Oak pl'));
  await write('ank","quantity":1');
  await waitFor(() => expect(input('Description 0').value).toBe('Oak plank'));
  expect(input('Quantity 0').value).toBe('');
  await write('2},{"description":"Wood gl');
  await waitFor(() => expect(input('Description 1').value).toBe('Wood gl'));
  expect(input('Quantity 0').value).toBe('12');
  expect(screen.getAllByTestId('item')[0]).toBe(first);

  await write('ue","quantity":3},{"description":"Nails","quantity":100},{"description":"Oil","quantity":1}]}');
  await finish(calls);
  await waitFor(() => expect(screen.getAllByTestId('item')).toHaveLength(4));
  expect(screen.getAllByTestId('item')[0]).toBe(first);
  expect(page.form.getValues('items')).toEqual([
    { description: 'Oak plank', quantity: 12 },
    { description: 'Wood glue', quantity: 3 },
    { description: 'Nails', quantity: 100 },
    { description: 'Oil', quantity: 1 },
  ]);
  expect([0, 1, 2, 3].map((index) => input(`Quantity ${index}`).value)).toEqual(['12', '3', '100', '1']);
});

test('what streams finds its item after the user has removed and added others', async () => {
  const { page, fill } = scripted();
  const write = await fill();
  await write('{"items":[{"description":"Oak plank","quantity":12},{"description":"Wood gl');
  await waitFor(() => expect(input('Description 1').value).toBe('Wood gl'));
  await userEvent.click(screen.getByText('Remove 0'));
  await userEvent.click(screen.getByText('Add in front'));
  await write('ue","quantity":3},{"description":"Nails"');
  await waitFor(() =>
    expect(page.form.getValues('items').map(({ description }) => description)).toEqual(['Mine', 'Wood glue', 'Nails']),
  );
  expect(input('Description 1').value).toBe('Wood glue');
  expect(status('items.1.description')).toBe('complete');
  expect(status('items.0.description')).toBe('user');
});

test('items that are in the form come first, and what is in them is the user’s', async () => {
  const { page, calls, fill } = scripted({
    defaultValues: { items: [{ description: '', quantity: null }] },
  });
  await userEvent.type(input('Quantity 0'), '5');
  const write = await fill();
  await write(JSON.stringify({ items: WHOLE.items }));
  await finish(calls);
  expect(page.form.getValues('items')).toEqual([
    { description: 'Oak plank', quantity: 5 },
    { description: 'Wood glue', quantity: 3 },
  ]);
  expect(page.object.suggestions).toEqual([{ name: 'items.0.quantity', value: 12 }]);
});

test('a field that the user types into keeps the text, and the value of the model is a suggestion', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harb');
  await waitFor(() => expect(input('Vendor').value).toBe('Harb'));
  await userEvent.clear(input('Vendor'));
  await userEvent.type(input('Vendor'), 'My own');
  await write('our Boats","notes":"Del');
  await waitFor(() => expect(status('vendor')).toBe('user "Harbour Boats"'));
  await userEvent.type(input('Vendor'), ' name');
  await write('iver');
  expect(input('Vendor').value).toBe('My own name');
  expect(input('Notes').value).toBe('Deliver');
  expect(page.object.suggestions).toEqual([{ name: 'vendor', value: 'Harbour Boats' }]);

  act(() => page.object.accept('vendor'));
  expect(input('Vendor').value).toBe('Harbour Boats');
  expect(page.object.suggestions).toEqual([]);
  expect(status('vendor')).toBe('complete');
  expect(page.form.getFieldState('vendor')).toMatchObject({ isDirty: true, isTouched: true });
  calls[0]!.finish();
  await shown();
});

test('a suggestion that is dismissed does not come back, and one that the user types is none', async () => {
  const { page, fill } = scripted({ defaultValues: { vendor: 'Default' } });
  await userEvent.type(input('Vendor'), 'X');
  await userEvent.type(input('Notes'), 'Deliv');
  const write = await fill();
  await write('{"vendor":"Harbour","notes":"Deliver","paid":true');
  expect(page.object.suggestions.map(({ name }) => name)).toEqual(['vendor', 'notes']);
  act(() => page.object.dismiss('vendor'));
  await userEvent.type(input('Notes'), 'er');
  expect(page.object.suggestions).toEqual([]);
  await write(',"total":7}');
  expect(page.object.suggestions).toEqual([]);
  expect(input('Vendor').value).toBe('DefaultX');
});

test('a field that was only left is the user’s too, unless only edited ones are protected', async () => {
  const touched = scripted();
  await userEvent.click(input('Vendor'));
  await userEvent.click(input('Notes'));
  const write = await touched.fill();
  await write('{"vendor":"Harbour","paid":true');
  expect(input('Vendor').value).toBe('');
  expect(touched.page.object.suggestions).toEqual([{ name: 'vendor', value: 'Harbour' }]);
  touched.page.unmount();

  const edited = scripted({ protect: 'edited' });
  await userEvent.click(input('Vendor'));
  await userEvent.click(input('Notes'));
  const writeAll = await edited.fill();
  await writeAll('{"vendor":"Harbour","paid":true');
  expect(input('Vendor').value).toBe('Harbour');
});

test('a field that the user empties stays empty', async () => {
  const { page, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harb');
  await userEvent.clear(input('Vendor'));
  await write('our","paid":true');
  expect(input('Vendor').value).toBe('');
  expect(page.object.suggestions).toEqual([{ name: 'vendor', value: 'Harbour' }]);
});

test('nothing is written where the caret is; what came is there when it leaves', async () => {
  const { fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harb');
  await userEvent.click(input('Vendor'));
  await write('our Boats","paid":true');
  expect(input('Vendor').value).toBe('Harb');
  await userEvent.click(input('Notes'));
  expect(input('Vendor').value).toBe('Harbour Boats');
  expect(status('vendor')).toBe('complete');
});

test('an empty field that is left while it is filled is written', async () => {
  const { page, calls, fill } = scripted({ defaultValues: { items: [{ description: '', quantity: null }] } });
  const write = await fill();
  await userEvent.click(input('Vendor'));
  await write('{"vendor":"Harb');
  expect(input('Vendor').value).toBe('');
  await userEvent.click(input('Notes'));
  expect(input('Vendor').value).toBe('Harb');
  await write('our","issued":"2026-03');
  await userEvent.click(input('Issued'));
  await userEvent.click(input('Description 0'));
  await userEvent.click(document.body);
  expect(page.form.getFieldState('issued').isTouched).toBe(true);
  expect(status('issued')).toBe('absent');
  await write('-12","notes":"Del');
  expect(input('Issued').value).toBe('2026-03-12');
  await write('iver","items":[{"description":"Oak plank"}]}');
  await finish(calls);
  expect(input('Description 0').value).toBe('Oak plank');
  expect(page.object.suggestions).toEqual([]);
  expect(page.form.getValues()).toMatchObject({ vendor: 'Harbour', issued: '2026-03-12', notes: 'Deliver' });
});

test('a field that waits for the caret to leave is not complete, also when the run has ended', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await userEvent.click(input('Vendor'));
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  await waitFor(() => expect(page.object.isFilling).toBe(false));
  expect(input('Vendor').value).toBe('');
  expect(status('vendor')).toBe('streaming');
  await userEvent.click(document.body);
  expect(input('Vendor').value).toBe('Harbour Boats');
  await waitFor(() => expect(status('vendor')).toBe('complete'));
  expect(page.object.suggestions).toEqual([]);
});

test('what code writes into a field where the caret is stays, and the value of the model is a suggestion', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await userEvent.click(input('Vendor'));
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  act(() => page.form.setValue('vendor', 'Looked up'));
  await userEvent.click(document.body);
  expect(input('Vendor').value).toBe('Looked up');
  await waitFor(() => expect(status('vendor')).toBe('user "Harbour Boats"'));
});

test('undo leaves a field for numbers that had no value without one', async () => {
  const { page, calls, fill } = scripted({ defaultValues: { total: undefined } as object });
  expect(page.form.getValues('total')).toBeNaN();
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  expect(input('Total').value).toBe('322.32');
  act(() => page.object.undo());
  expect(page.form.getValues('total')).toBeUndefined();
  expect(input('Total').value).toBe('');
});

test('one step undoes the fill, and what the user edited since stays', async () => {
  const { page, calls, fill } = scripted({ defaultValues: { vendor: 'Default', notes: 'Old notes' } });
  const write = await fill();
  expect(page.object.canUndo).toBe(false);
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  expect(page.object.canUndo).toBe(true);
  expect(page.form.getValues()).toEqual(WHOLE);

  await userEvent.type(input('Notes'), ' Quick!');
  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual({
    vendor: 'Default',
    issued: '',
    currency: 'EUR',
    paid: false,
    total: null,
    items: [],
    notes: 'Deliver to the back door. Quick!',
  });
  expect(input('Vendor').value).toBe('Default');
  expect(input('Total').value).toBe('');
  expect(screen.queryAllByTestId('item')).toEqual([]);
  expect(page.object.canUndo).toBe(false);
  expect(status('vendor')).toBe('absent');
});

test('undo stops what is under way, and keeps an item that the user has a hand in', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harbour","items":[{"description":"Oak plank","quantity":12},{"description":"Wood gl');
  await userEvent.type(input('Description 0'), ', planed');
  act(() => page.object.undo());
  expect(calls[0]!.signal.aborted).toBe(true);
  await shown();
  expect(page.form.getValues('items')).toEqual([{ description: 'Oak plank, planed', quantity: null }]);
  expect(input('Vendor').value).toBe('');
  expect(page.object).toMatchObject({ canUndo: false, isFilling: false, status: 'ready' });
});

test('undo gives back the text that a suggestion has replaced', async () => {
  const { page, fill } = scripted();
  await userEvent.type(input('Vendor'), 'Mine');
  const write = await fill();
  await write('{"vendor":"Harbour","paid":true');
  act(() => page.object.accept('vendor'));
  act(() => page.object.undo());
  expect(input('Vendor').value).toBe('Mine');
  expect(status('vendor')).toBe('user');
});

test('a second fill overwrites the first, takes items away again, and is undone alone', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  const writeAgain = await fill();
  await writeAgain(JSON.stringify({ ...WHOLE, vendor: 'Blue Door', items: [{ description: 'Design', quantity: 8 }] }));
  await finish(calls);
  expect(page.form.getValues()).toEqual({
    ...WHOLE,
    vendor: 'Blue Door',
    items: [{ description: 'Design', quantity: 8 }],
  });
  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual(WHOLE);
  expect(screen.getAllByTestId('item')).toHaveLength(2);
  act(() => page.object.undo());
  expect(page.form.getValues()).toMatchObject({ vendor: '', items: [] });
});

test('an error appears when its field closes, and goes when the user edits it', async () => {
  const seen: string[] = [];
  const { page, calls, fill } = scripted({
    onErrors: (errors) => seen.push(Object.keys(errors).join()),
  });
  const write = await fill();
  await write('{"vendor":"A');
  expect(page.form.getFieldState('vendor').error).toBeUndefined();
  await write('B"');
  await waitFor(() => expect(page.form.getFieldState('vendor').error).toMatchObject({ message: 'Too short a name' }));
  expect(status('vendor')).toBe('invalid');
  await write(',"total":-1');
  expect(page.form.getFieldState('total').error).toBeUndefined();
  await write(',"paid":true}');
  await finish(calls);
  await waitFor(() =>
    expect(page.form.getFieldState('total').error).toMatchObject({ message: 'Must be more than nothing' }),
  );
  expect(page.object).toMatchObject({ status: 'error', error: { code: 'validation' } });
  expect(page.form.getFieldState('issued').error).toBeDefined();

  await userEvent.type(input('Vendor'), 'C');
  expect(page.form.getFieldState('vendor').error).toBeUndefined();
  expect(seen).toContain('vendor');
});

test('the form validates each field once, when it closes', async () => {
  const validated: unknown[] = [];
  const { page, calls, fill } = scripted({
    resolver: (values, _context, { names }) => {
      validated.push(names?.toSorted());
      const result = invoice.safeParse(values);
      const issues = result.error?.issues ?? [];
      return {
        values: result.success ? { ...values } : {},
        errors: Object.fromEntries(issues.map(({ path, message }) => [path[0], { type: 'zod', message }])),
      } as never;
    },
  });
  validated.length = 0;
  const write = await fill();
  for (const piece of ['{"vendor":"', 'A', 'B', '","notes":"', 'Very', ' long', ' notes', '","total":1', '2', '}']) {
    await write(piece);
  }
  await finish(calls);
  expect(validated.filter(Boolean)).toEqual([['vendor'], ['notes'], ['total']]);
  expect(page.form.getFieldState('vendor').error).toMatchObject({ type: 'zod', message: 'Too short a name' });
});

test('asks for one field anew, and writes just it', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  await userEvent.clear(input('Notes'));
  await userEvent.type(input('Notes'), 'My notes');

  let isRefilled: boolean | undefined;
  act(() => void page.object.refill('notes', 'Shorter, please').then((is) => (isRefilled = is)));
  await waitFor(() => expect(calls).toHaveLength(2));
  expect(page.object).toMatchObject({ isFilling: true, refilling: ['notes'] });
  const { messages, system } = calls[1]!.request;
  const prompt = messages?.at(-1)?.content;
  expect(prompt).toContain('Read this: a mail');
  expect(prompt).toContain('"vendor":"Harbour Boats"');
  expect(prompt).toContain('Shorter, please');
  expect(system).toContain('"notes"');
  expect(system).not.toContain('"vendor"');
  expect(input('Notes').value).toBe('My notes');

  calls[1]!.text('{"notes":"Back', ' door", "vendor": "Somebody else"}');
  await finish(calls);
  await waitFor(() => expect(isRefilled).toBe(true));
  expect(page.form.getValues()).toEqual({ ...WHOLE, notes: 'Back door' });
  expect(page.object.refilling).toEqual([]);

  act(() => page.object.undo());
  expect(page.form.getValues()).toEqual({ ...WHOLE, notes: 'My notes' });
  expect(input('Notes').value).toBe('My notes');
});

test('a field of an item is asked for by its schema, and checked by it', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  let isRefilled: boolean | undefined;
  act(() => void page.object.refill('items.1.quantity').then((is) => (isRefilled = is)));
  await waitFor(() => expect(calls).toHaveLength(2));
  calls[1]!.text('{"quantity":"many"}');
  await finish(calls);
  await waitFor(() => expect(isRefilled).toBe(false));
  expect(page.form.getValues('items.1.quantity')).toBe(WHOLE.items[1]!.quantity);
  expect(page.form.getFieldState('items.1.quantity').error).toBeUndefined();

  act(() => void page.object.refill('items.1.quantity').then((is) => (isRefilled = is)));
  await waitFor(() => expect(calls).toHaveLength(3));
  calls[2]!.text('{"quantity":4}');
  await finish(calls);
  await waitFor(() => expect(isRefilled).toBe(true));
  expect(page.form.getValues('items.1')).toEqual({ description: 'Wood glue', quantity: 4 });
  expect(page.form.getFieldState('items.1.quantity').error).toBeUndefined();
});

test('a model that was talked into it writes nothing but the fields of the schema', async () => {
  const { page, calls, fill } = scripted({ defaultValues: { approved: false } as object });
  const write = await fill();
  await write(
    '{"approved":true,"items.0":{"description":"No"},"__proto__":{"bad":1},"vendor":"Harbour","items":[{"id":7}]}',
  );
  await finish(calls);
  expect(page.form.getValues()).toMatchObject({ approved: false, vendor: 'Harbour' });
  expect(page.form.getValues('items')).toEqual([{ description: '', quantity: null }]);
  expect(Object.prototype).not.toHaveProperty('bad');
});

test('stopped in the middle, what came stays and the rest is as it was', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harbour","total":12');
  act(() => page.object.stop());
  await shown();
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(page.form.getValues()).toMatchObject({ vendor: 'Harbour', total: null });
  expect(page.object).toMatchObject({ status: 'ready', finishReason: 'aborted', isFilling: false, canUndo: true });
  expect(page.object.final).toBeUndefined();
});

test('an answer that just ends is an error, and what came stays', async () => {
  const url = await serve({ chunks: [{ text: text('{"vendor":"Harbour","notes":"Del') }] });
  const page = renderInvoice({ client: clientOf(url) });
  act(() => void page.object.fill('a mail'));
  await waitFor(() => expect(page.object.status).toBe('error'));
  expect(page.object.error?.code).toBe('truncated');
  expect(page.form.getValues()).toMatchObject({ vendor: 'Harbour', notes: 'Del' });
});

test('StrictMode asks once and fills once', async () => {
  const { page, calls, fill } = scripted({ isStrict: true });
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  expect(calls).toHaveLength(1);
  expect(page.form.getValues()).toEqual(WHOLE);
  expect(screen.getAllByTestId('item')).toHaveLength(2);
  act(() => page.object.undo());
  expect(screen.queryAllByTestId('item')).toHaveLength(0);
});

test('aborts a macrotask after the unmount', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harb');
  page.unmount();
  expect(calls[0]!.signal.aborted).toBe(false);
  await macrotask();
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
});

test('a reset of the form makes all of it free again', async () => {
  const { page, calls, fill } = scripted();
  await userEvent.type(input('Vendor'), 'Mine');
  await userEvent.click(document.body);
  act(() => page.form.reset());
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  expect(page.form.getValues()).toEqual(WHOLE);
  expect(page.object.suggestions).toEqual([]);
});

test('tokens render neither the form nor the fields whose state they do not change', async () => {
  const { page, calls, fill } = scripted();
  const write = await fill();
  await write('{"vendor":"Harbour","notes":"');
  const { formRenders } = page;
  const vendorRenders = page.fieldRenders['vendor'];
  const notesRenders = page.fieldRenders['notes'];
  for (let index = 0; index < 10; index += 1) await write(`word${index} `);
  expect(input('Notes').value).toContain('word9');
  expect(page.formRenders).toBe(formRenders);
  expect(page.fieldRenders).toMatchObject({ vendor: vendorRenders, notes: notesRenders });
  await write('"}');
  await finish(calls);
});

test('typing is not held up by a fill of 200 items, and its text stays', async () => {
  const items = Array.from({ length: 200 }, (_, index) => ({ description: `Thing number ${index}`, quantity: index }));
  const json = JSON.stringify({ vendor: 'Harbour', items });
  const chunks = (json.match(/[^]{1,1000}/g) ?? []).map((piece) => ({
    text: (piece.match(/[^]{1,4}/g) ?? []).map(text).join(''),
    delayMs: 1,
  }));
  const url = await serve({ chunks: [...chunks, { text: END }] });
  const page = renderInvoice({ client: clientOf(url) });
  await act(async () => {
    void page.object.fill('a mail');
  });
  await userEvent.type(input('Notes'), 'Typed while it fills');
  expect(input('Notes').value).toBe('Typed while it fills');
  await waitFor(() => expect(page.form.getValues('items')).toEqual(items), { timeout: 10_000 });
  expect(input('Notes').value).toBe('Typed while it fills');
  expect(screen.getAllByTestId('item')).toHaveLength(200);
  // As many as the items and frames could make necessary at the most; one for each token would be thousands.
  expect(page.fieldRenders['items.0.description']).toBeLessThanOrEqual(4);
});

test('a run of somebody else is written too, and not stopped with the page', async () => {
  const { client, calls } = scriptedClient();
  const { streamObject } = await import('@rivulet/core');
  const run = streamObject(client, { prompt: 'a mail', schema: invoice });
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('{"vendor":"Harb');
  const page = renderInvoice({ client });
  act(() => page.object.fillFrom(run));
  await waitFor(() => expect(input('Vendor').value).toBe('Harb'));
  calls[0]!.text('our"');
  await waitFor(() => expect(input('Vendor').value).toBe('Harbour'));
  page.unmount();
  await macrotask();
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(false);
});

test('calls back once for each fill that came whole, and once for each that failed', async () => {
  const onFinish = vi.fn<(completion: { readonly object: object }, input: string) => void>();
  const onError = vi.fn<(error: LLMError) => void>();
  const { page, calls, fill } = scripted({ onFinish, onError });
  const write = await fill();
  await write(JSON.stringify(WHOLE));
  await finish(calls);
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ object: WHOLE }), 'a mail');

  const writeLess = await fill();
  await writeLess('{"vendor":"Harbour"}');
  await finish(calls);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'validation' }));

  const writeHalf = await fill();
  await writeHalf('{"vendor":"Harb');
  act(() => page.object.stop());
  await shown();
  expect(onFinish).toHaveBeenCalledTimes(1);
  expect(onError).toHaveBeenCalledTimes(1);
});
