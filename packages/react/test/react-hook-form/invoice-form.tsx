import type { LLMClient, LLMError, ObjectCompletion } from '@rivulet/core';
import {
  useObjectFieldArray,
  useObjectForm,
  useObjectFormField,
  type FormFilling,
  type FormPath,
  type UseObjectFormResult,
} from '@rivulet/react/react-hook-form';
import { memo, StrictMode, useState, type ReactElement } from 'react';
import { useForm, type FieldErrors, type Resolver, type UseFormProps, type UseFormReturn } from 'react-hook-form';
import { render } from '@testing-library/react';
import { z } from 'zod';

export const invoice = z.object({
  vendor: z.string().min(3, 'Too short a name'),
  issued: z.iso.date(),
  currency: z.enum(['EUR', 'USD']),
  paid: z.boolean(),
  total: z.number().positive('Must be more than nothing'),
  items: z.array(z.object({ description: z.string(), quantity: z.number() })),
  notes: z.string().optional(),
});

export type Invoice = z.input<typeof invoice>;

/** As it is in a form: numbers may be missing. */
export type InvoiceForm = Omit<Invoice, 'total' | 'items'> & {
  total: number | null;
  items: { description: string; quantity: number | null }[];
};

export const EMPTY: InvoiceForm = {
  vendor: '',
  issued: '',
  currency: 'EUR',
  paid: false,
  total: null,
  items: [],
  notes: '',
};

/** What the test sees of the page. */
export interface Page {
  readonly form: UseFormReturn<InvoiceForm, unknown, InvoiceForm>;
  readonly object: UseObjectFormResult<typeof invoice, string>;
  readonly formRenders: number;
  readonly fieldRenders: Readonly<Record<string, number>>;
  unmount(): void;
}

export interface InvoicePageOptions {
  readonly client: LLMClient;
  readonly defaultValues?: Partial<InvoiceForm>;
  readonly resolver?: Resolver<InvoiceForm, unknown, InvoiceForm>;
  readonly isStrict?: boolean;
  readonly vendorRules?: { readonly required?: string };
  readonly protect?: 'touched' | 'edited';
  readonly onFinish?: (completion: ObjectCompletion<z.output<typeof invoice>>, input: string) => void;
  readonly onError?: (error: LLMError) => void;
  readonly onErrors?: (errors: FieldErrors<InvoiceForm>) => void;
}

type Filling = FormFilling<FormPath<typeof invoice>>;

/** Shows a form that fills itself, and gives its insides. */
export function renderInvoice(options: InvoicePageOptions): Page {
  const seen = { formRenders: 0, fieldRenders: {} as Record<string, number> };

  const Status = memo(function Status({
    filling,
    name,
  }: {
    readonly filling: Filling;
    readonly name: FormPath<typeof invoice>;
  }): ReactElement {
    const { status, suggestion } = useObjectFormField(filling, name);
    seen.fieldRenders[name] = (seen.fieldRenders[name] ?? 0) + 1;
    return (
      <output data-testid={`status ${name}`}>
        {status}
        {suggestion && ` ${JSON.stringify(suggestion.value)}`}
      </output>
    );
  });

  function Items({
    form: { control, register },
    filling,
  }: {
    readonly form: Page['form'];
    readonly filling: Filling;
  }): ReactElement {
    const { fields, remove, prepend } = useObjectFieldArray(filling, {
      control,
      name: 'items',
      blank: { description: '', quantity: null },
    });
    return (
      <>
        {fields.map(({ id }, index) => (
          <fieldset key={id} data-testid="item" data-key={id}>
            <input aria-label={`Description ${index}`} {...register(`items.${index}.description`)} />
            <input
              aria-label={`Quantity ${index}`}
              type="number"
              {...register(`items.${index}.quantity`, { valueAsNumber: true })}
            />
            <Status filling={filling} name={`items.${index}.description`} />
            <button onClick={() => remove(index)}>Remove {index}</button>
          </fieldset>
        ))}
        <button onClick={() => prepend({ description: 'Mine', quantity: 1 })}>Add in front</button>
      </>
    );
  }

  function InvoicePage(): ReactElement {
    const { defaultValues, resolver } = options;
    const props: UseFormProps<InvoiceForm, unknown, InvoiceForm> = { defaultValues: { ...EMPTY, ...defaultValues } };
    const form = useForm<InvoiceForm, unknown, InvoiceForm>(resolver ? { ...props, resolver } : props);
    const object = useObjectForm({
      form,
      schema: invoice,
      client: options.client,
      protect: options.protect,
      onFinish: options.onFinish,
      onError: options.onError,
      request: (text: string) => `Read this: ${text}`,
    });
    const { register } = form;
    const [isOpen, setIsOpen] = useState(true);
    page.form = form;
    page.object = object;
    seen.formRenders += 1;
    return (
      <form onSubmit={(event) => event.preventDefault()}>
        <input aria-label="Vendor" {...register('vendor', options.vendorRules)} />
        <input aria-label="Issued" type="date" {...register('issued')} />
        <select aria-label="Currency" {...register('currency')}>
          <option>EUR</option>
          <option>USD</option>
        </select>
        <input aria-label="Paid" type="checkbox" {...register('paid')} />
        <input aria-label="Total" type="number" step="any" {...register('total', { valueAsNumber: true })} />
        <textarea aria-label="Notes" {...register('notes')} />
        <button onClick={() => setIsOpen(!isOpen)}>Fold items</button>
        {isOpen && <Items form={form} filling={object.filling} />}
        {(['vendor', 'issued', 'currency', 'total', 'notes', 'items'] as const).map((name) => (
          <Status key={name} filling={object.filling} name={name} />
        ))}
        {options.onErrors && <Errors form={form} onErrors={options.onErrors} />}
      </form>
    );
  }

  const page = { ...seen, unmount: () => undefined } as unknown as { -readonly [Key in keyof Page]: Page[Key] };
  const { unmount } = render(options.isStrict ? <StrictMode children={<InvoicePage />} /> : <InvoicePage />);
  return Object.defineProperties(page, {
    formRenders: { get: () => seen.formRenders },
    fieldRenders: { get: () => seen.fieldRenders },
    unmount: { value: unmount },
  });
}

function Errors({
  form,
  onErrors,
}: {
  readonly form: Page['form'];
  readonly onErrors: (errors: FieldErrors<InvoiceForm>) => void;
}): null {
  onErrors(form.formState.errors);
  return null;
}
