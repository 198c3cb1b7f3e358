import { act, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';
import { renderInvoice, type InvoicePageOptions } from './invoice-form.tsx';

failOnConsoleErrors();

/** A page whose model says what the test writes, call by call. */
function open(options: Omit<InvoicePageOptions, 'client'> = {}) {
  const { client, calls } = scriptedClient();
  const page = renderInvoice({ ...options, client });
  return {
    page,
    calls,
    async ask(start: () => unknown): Promise<void> {
      const asked = calls.length;
      act(() => void start());
      await waitFor(() => expect(calls).toHaveLength(asked + 1));
    },
    async write(piece: string, index = 0): Promise<void> {
      calls[index]!.text(piece);
      await shown();
    },
    async finish(index = 0): Promise<void> {
      calls[index]!.finish();
      await shown();
    },
  };
}

async function shown(): Promise<void> {
  await waitFor(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    await macrotask();
  });
}

function input(label: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(label);
}

/** A resolver that finds fault with the vendor, and tells of it when the test lets it. */
function slowResolver() {
  const waiting: (() => void)[] = [];
  const resolver = async (values: object): Promise<never> => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { values, errors: { vendor: { type: 'slow', message: 'No such vendor' } } } as never;
  };
  return {
    resolver,
    isAsked: () => waiting.length > 0,
    async answer(): Promise<void> {
      for (const go of waiting.splice(0)) go();
      await shown();
    },
  };
}

test('undo takes the errors of what the model left out with it', async () => {
  const { page, ask, write, finish } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour Boats"}');
  await finish();
  await waitFor(() => expect(page.form.getFieldState('issued').error).toBeDefined());
  act(() => page.object.undo());
  expect(page.form.getFieldState('issued').error).toBeUndefined();
  expect(page.form.formState.errors).toEqual({});
});

test('a validation that ends after undo leaves no error', async () => {
  const { resolver, isAsked, answer } = slowResolver();
  const { page, ask, write } = open({ resolver });
  await shown();
  await answer();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour","paid":true');
  await waitFor(() => expect(isAsked()).toBe(true));
  act(() => page.object.undo());
  await answer();
  expect(page.form.getFieldState('vendor').error).toBeUndefined();
});

test('a validation that ends after the user has edited the field leaves no error', async () => {
  const { resolver, isAsked, answer } = slowResolver();
  const { page, ask, write } = open({ resolver });
  await shown();
  await answer();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour","paid":true');
  await waitFor(() => expect(isAsked()).toBe(true));
  await userEvent.type(input('Vendor'), ' Boats');
  await answer();
  expect(page.form.getFieldState('vendor').error).toBeUndefined();
  expect(input('Vendor').value).toBe('Harbour Boats');
});

test('a validation that ends after the run does not take away the errors of what is missing', async () => {
  const { resolver, isAsked, answer } = slowResolver();
  const { page, ask, write, finish } = open({ resolver });
  await shown();
  await answer();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour Boats",');
  await waitFor(() => expect(isAsked()).toBe(true));
  await write('"items":[]}');
  await finish();
  await waitFor(() => expect(page.form.getFieldState('issued').error).toBeDefined());
  await answer();
  expect(page.form.getFieldState('issued').error).toBeDefined();
});

test('a fill that brings nothing says what is missing', async () => {
  const { page, ask, write, finish } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{}');
  await finish();
  await waitFor(() => expect(page.object.status).toBe('error'));
  expect(page.form.getFieldState('issued').error).toBeDefined();
  expect(page.object.canUndo).toBe(false);
});

test('undo gives back the text that the user typed over what came, and that a suggestion has replaced', async () => {
  const { page, ask, write } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harb');
  await userEvent.clear(input('Vendor'));
  await userEvent.type(input('Vendor'), 'My own');
  await write('our Boats","paid":true');
  act(() => page.object.accept('vendor'));
  expect(input('Vendor').value).toBe('Harbour Boats');
  act(() => page.object.undo());
  expect(input('Vendor').value).toBe('My own');
});

test('what is written when the caret leaves can be undone, also after the end of the run', async () => {
  const { page, ask, write, finish } = open();
  await userEvent.click(input('Vendor'));
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour Boats"}');
  await finish();
  expect(page.object.canUndo).toBe(false);
  await userEvent.click(input('Notes'));
  expect(input('Vendor').value).toBe('Harbour Boats');
  expect(page.object.canUndo).toBe(true);
  act(() => page.object.undo());
  expect(input('Vendor').value).toBe('');
});

test('a field that is asked for anew is not written over by the fill that is still under way', async () => {
  const { page, ask, write, finish } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour Boats","notes":"Del');
  expect(input('Notes').value).toBe('Del');
  await ask(() => page.object.refill('notes'));
  await write('iver to', 0);
  expect(input('Notes').value).toBe('Del');
  await write('{"notes":"Back', 1);
  await write(' the back door","total":7', 0);
  expect(input('Notes').value).toBe('Back');
  await write(' door"}', 1);
  await finish(1);
  expect(input('Notes').value).toBe('Back door');
  await write(',"paid":true}', 0);
  expect(page.form.getValues()).toMatchObject({ notes: 'Back door', total: 7, paid: true });
  act(() => page.object.undo());
  expect(input('Notes').value).toBe('Del');
});

test('where the field that was asked for anew does not come, the fill goes on', async () => {
  const { page, ask, write, finish } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{"vendor":"Harbour Boats","notes":"Del');
  await ask(() => page.object.refill('notes'));
  await write('iver', 0);
  await finish(1);
  await write(' it","paid":true', 0);
  expect(input('Notes').value).toBe('Deliver it');
});

test('a list that is taken off the page and put back goes on where it was', async () => {
  const { page, ask, write, finish } = open();
  await ask(() => page.object.fill('a mail'));
  await write('{"items":[{"description":"Oak plank","quantity":12},{"description":"Wood gl');
  expect(input('Description 1').value).toBe('Wood gl');
  await userEvent.click(screen.getByText('Fold items'));
  await write('ue","quan');
  await userEvent.click(screen.getByText('Fold items'));
  await shown();
  expect(input('Description 1').value).toBe('Wood glue');
  await write('tity":3},{"description":"Nails","quantity":100}]}');
  await finish();
  expect(page.form.getValues('items')).toEqual([
    { description: 'Oak plank', quantity: 12 },
    { description: 'Wood glue', quantity: 3 },
    { description: 'Nails', quantity: 100 },
  ]);
  act(() => page.object.undo());
  expect(page.form.getValues('items')).toEqual([]);
});

test('after the end of the page nothing is listened to, and what comes late changes nothing', async () => {
  const listened = new Set<unknown>();
  const { addEventListener, removeEventListener } = document;
  document.addEventListener = function add(this: Document, ...args: Parameters<typeof addEventListener>) {
    if (args[0] === 'focusout') listened.add(args[1]);
    addEventListener.apply(this, args);
  } as typeof addEventListener;
  document.removeEventListener = function remove(this: Document, ...args: Parameters<typeof removeEventListener>) {
    listened.delete(args[1]);
    removeEventListener.apply(this, args);
  } as typeof removeEventListener;
  try {
    const { page, ask, write } = open({ isStrict: true });
    await ask(() => page.object.fill('a mail'));
    await write('{"vendor":"Harb');
    expect(listened.size).toBe(2);
    const { form } = page;
    page.unmount();
    await macrotask();
    await macrotask();
    await write('our"');
    expect(listened.size).toBe(0);
    expect(form.getValues('vendor')).toBe('Harb');
  } finally {
    document.addEventListener = addEventListener;
    document.removeEventListener = removeEventListener;
  }
});
