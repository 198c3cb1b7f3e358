import {
  useObjectFieldArray,
  useObjectForm,
  useObjectFormField,
  type FormFilling,
} from '@rivulet/react/react-hook-form';
import type { ReactElement } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';

const invoice = z.object({
  vendor: z.string().min(1),
  total: z.number().positive(),
  items: z.array(z.object({ description: z.string() })),
});
type Invoice = z.input<typeof invoice>;
type Filling = FormFilling<'vendor' | 'total'>;

export function InvoiceForm({ mail }: { readonly mail: string }): ReactElement {
  const form = useForm<Invoice>({ defaultValues: { vendor: '', items: [] } });
  const { control, register } = form;
  const { fill, stop, undo, canUndo, isFilling, filling } = useObjectForm({
    form,
    schema: invoice,
    request: (text: string) => `Read the invoice:\n\n${text}`,
  });
  const { fields } = useObjectFieldArray(filling, { control, name: 'items', blank: { description: '' } });
  return (
    <form>
      <button type="button" onClick={() => (isFilling ? stop() : void fill(mail))}>
        {isFilling ? 'Stop' : 'Fill'}
      </button>
      <button type="button" aria-disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      <label>
        Vendor <input {...register('vendor')} />
      </label>
      <Hint filling={filling} name="vendor" />
      <label>
        Total <input type="number" step="any" {...register('total', { valueAsNumber: true })} />
      </label>
      <Hint filling={filling} name="total" />
      {fields.map(({ id }, index) => (
        <input key={id} aria-label={`Item ${index + 1}`} {...register(`items.${index}.description`)} />
      ))}
    </form>
  );
}

// Renders only when the state of its own field changes.
function Hint({ filling, name }: { readonly filling: Filling; readonly name: 'vendor' | 'total' }): ReactElement {
  const { status, suggestion, accept, dismiss, refill } = useObjectFormField(filling, name);
  return (
    <p>
      <small>{status}</small>
      {suggestion && (
        <>
          {String(suggestion.value)}?
          <button type="button" onClick={accept}>
            Take it
          </button>
          <button type="button" onClick={dismiss}>
            Keep mine
          </button>
        </>
      )}
      <button type="button" onClick={() => void refill('Look once more.')}>
        Ask again for the {name}
      </button>
    </p>
  );
}
