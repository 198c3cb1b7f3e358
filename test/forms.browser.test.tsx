import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { LLMClientProvider } from '@rivulet/react';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { InvoiceForm } from '../docs/examples/forms/InvoiceForm.tsx';

test('the example of a form fills itself, suggests, asks again and undoes', async () => {
  const answers = [{ vendor: 'Harbour', total: 12, items: [{ description: 'Plank' }] }, { total: 125 }, 130];
  const saved: unknown[] = [];
  const provider = scripted(() => JSON.stringify(answers.shift()));
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <InvoiceForm mail="12 EUR, yours, Harbour" onSave={(invoice) => saved.push(invoice)} />
    </LLMClientProvider>,
  );
  const vendor = screen.getByLabelText<HTMLInputElement>('Vendor');
  const total = screen.getByLabelText<HTMLInputElement>('Total');
  await userEvent.type(vendor, 'Mine');
  await userEvent.click(screen.getByRole('button', { name: 'Fill' }));
  await waitFor(() => expect(total.value).toBe('12'));
  expect(screen.getByLabelText<HTMLInputElement>('Item 1').value).toBe('Plank');
  expect(vendor.value).toBe('Mine');

  await userEvent.click(await screen.findByRole('button', { name: 'Take it' }));
  expect(vendor.value).toBe('Harbour');
  await userEvent.click(screen.getByRole('button', { name: 'Ask again for the total' }));
  await waitFor(() => expect(total.value).toBe('125'));
  expect(provider.requests[1]?.messages.at(-1)?.content).toContain('Look once more.');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(saved).toEqual([{ vendor: 'Harbour', total: 125, items: [{ description: 'Plank' }] }]));

  await userEvent.click(screen.getByRole('button', { name: 'Ask again for the total' }));
  expect((await screen.findByRole('alert')).textContent).toBe('No other total came.');
  expect(total.value).toBe('125');

  await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(total.value).toBe('12');
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(vendor.value).toBe('Mine');
  await waitFor(() => expect(screen.queryByLabelText('Item 1')).toBeNull());
});

test('the example of a form says why it could not be filled', async () => {
  const provider = scripted('I cannot read that.');
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <InvoiceForm mail="?" onSave={() => undefined} />
    </LLMClientProvider>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Fill' }));
  expect((await screen.findByRole('alert')).textContent).not.toBe('');
});
