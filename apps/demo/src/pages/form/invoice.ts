import type { FormPath } from '@rivulet/react/react-hook-form';
import { set, type FieldErrors, type Resolver } from 'react-hook-form';
import { z } from 'zod';

const item = z.object({
  description: z.string().min(1, 'Say what it is.'),
  quantity: z.number('A number is missing.').positive('Has to be more than 0.'),
  unitPrice: z.number('A price is missing.'),
});

/** What the model is asked for, and what the form is held to. */
export const invoice = z
  .object({
    vendor: z.string().min(1, 'Say who sends it.'),
    customer: z.string().min(1, 'Say who gets it.'),
    invoiceNumber: z.string().min(1, 'The number is missing.'),
    issueDate: z.iso.date('The date is missing.'),
    dueDate: z.iso.date('This is no date.').optional(),
    currency: z.enum(['EUR', 'USD', 'GBP']),
    items: z.array(item),
    tax: z.number('This is no number.').optional(),
    total: z.number('The total is missing.'),
    paid: z.boolean(),
    notes: z.string().optional(),
  })
  .superRefine(({ items, tax = 0, total }, { addIssue }) => {
    const sum = items.reduce((so, { quantity, unitPrice }) => so + quantity * unitPrice, tax);
    if (Math.abs(sum - total) < 0.01) return;
    addIssue({ code: 'custom', path: ['total'], message: `The items and the tax come to ${sum.toFixed(2)}.` });
  });

type Invoice = z.input<typeof invoice>;
type Item = z.input<typeof item>;

/** A number may be missing in a form. */
type Editable<T, Numbers extends keyof T> = Omit<T, Numbers> & { [Key in Numbers]: number | null };

export type InvoiceForm = Editable<Omit<Invoice, 'items'>, 'tax' | 'total'> & {
  items: Editable<Item, 'quantity' | 'unitPrice'>[];
};

export type FieldName = FormPath<typeof invoice>;

export const BLANK_ITEM = { description: '', quantity: null, unitPrice: null };

export const EMPTY: InvoiceForm = {
  vendor: '',
  customer: '',
  invoiceNumber: '',
  issueDate: '',
  dueDate: '',
  currency: 'EUR',
  items: [],
  tax: null,
  total: null,
  paid: false,
  notes: '',
};

/** What is empty in a form is not there for the schema. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== '' && inner !== null && !Number.isNaN(inner))
      .map(([key, inner]) => [key, withoutEmpty(inner)]),
  );
}

export const checkInvoice: Resolver<InvoiceForm> = (values) => {
  const { success, error } = invoice.safeParse(withoutEmpty(values));
  if (success) return { values, errors: {} };
  const errors: FieldErrors<InvoiceForm> = {};
  for (const { path, message } of error.issues) set(errors, path.join('.'), { type: 'schema', message });
  return { values: {}, errors };
};
