import { zodResolver } from '@hookform/resolvers/zod';
import {
  useObjectFieldArray,
  useObjectForm,
  useObjectFormField,
  type FormFilling,
} from '@rivulet/react/react-hook-form';
import { useState, type ReactElement } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';

const invoice = z.object({
  vendor: z.string().trim().min(1),
  total: z.number().positive(),
  items: z.array(z.object({ description: z.string() })),
});
type Invoice = z.output<typeof invoice>;
type Filling = FormFilling<'vendor' | 'total'>;

interface Props {
  readonly mail: string;
  readonly onSave: (invoice: Invoice) => void;
}

export function InvoiceForm({ mail, onSave }: Props): ReactElement {
  const form = useForm({ resolver: zodResolver(invoice), defaultValues: { vendor: '', items: [] } });
  const { control, register, handleSubmit } = form;
  const { fill, stop, undo, canUndo, isFilling, error, filling } = useObjectForm({
    form,
    schema: invoice,
    request: (text: string) => `Read the invoice:\n\n${text}`,
  });
  const { fields } = useObjectFieldArray(filling, { control, name: 'items', blank: { description: '' } });
  return (
    <form onSubmit={(event) => void handleSubmit(onSave)(event)}>
      <button type="button" onClick={() => (isFilling ? stop() : void fill(mail))}>
        {isFilling ? 'Stop' : 'Fill'}
      </button>
      <button type="button" aria-disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      {error && <p role="alert">{error.message}</p>}
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
      <button>Save</button>
    </form>
  );
}

// Renders only when the state of its own field changes.
function Hint({ filling, name }: { readonly filling: Filling; readonly name: 'vendor' | 'total' }): ReactElement {
  const { status, suggestion, accept, dismiss, refill } = useObjectFormField(filling, name);
  const [hasFailed, setHasFailed] = useState(false);
  async function askAgain(): Promise<void> {
    setHasFailed(false);
    setHasFailed(!(await refill('Look once more.')));
  }
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
      <button type="button" onClick={() => void askAgain()}>
        Ask again for the {name}
      </button>
      {hasFailed && <em role="alert">No other {name} came.</em>}
    </p>
  );
}
