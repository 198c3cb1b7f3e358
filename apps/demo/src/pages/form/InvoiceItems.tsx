import { useObjectFieldArray, type FormFilling } from '@rivulet/react/react-hook-form';
import type { UseFormReturn } from 'react-hook-form';
import { BLANK_ITEM, type FieldName, type InvoiceForm } from './invoice.ts';
import { InvoiceField } from './InvoiceField.tsx';

interface InvoiceItemsProps {
  form: UseFormReturn<InvoiceForm>;
  filling: FormFilling<FieldName>;
  /** What is said of a field that is not whole. */
  unfinished: string;
  onNote: (note: string) => void;
}

/** The items, one after the other as the model opens them. */
export function InvoiceItems({
  form: { control, register, setFocus },
  filling,
  unfinished,
  onNote,
}: InvoiceItemsProps) {
  const { fields, append, remove } = useObjectFieldArray(filling, { control, name: 'items', blank: BLANK_ITEM });
  const field = { control, filling, unfinished, onNote };
  const drop = (index: number): void => {
    remove(index);
    document.getElementById('add-item')?.focus();
    onNote(`Item ${index + 1} is removed.`);
  };
  return (
    <fieldset className="invoice-items">
      <legend>Items</legend>
      {fields.length === 0 && <p className="field-help">None yet.</p>}
      <ol>
        {fields.map(({ id }, index) => (
          <li key={id}>
            <InvoiceField {...field} name={`items.${index}.description`} label={`Item ${index + 1}`}>
              {(props) => <input {...props} {...register(`items.${index}.description`)} />}
            </InvoiceField>
            <InvoiceField {...field} name={`items.${index}.quantity`} label="Quantity">
              {(props) => (
                <input
                  {...props}
                  type="number"
                  step="any"
                  {...register(`items.${index}.quantity`, { valueAsNumber: true })}
                />
              )}
            </InvoiceField>
            <InvoiceField {...field} name={`items.${index}.unitPrice`} label="Unit price">
              {(props) => (
                <input
                  {...props}
                  type="number"
                  step="any"
                  {...register(`items.${index}.unitPrice`, { valueAsNumber: true })}
                />
              )}
            </InvoiceField>
            <button type="button" className="button-quiet" onClick={() => drop(index)}>
              Remove<span className="visually-hidden"> item {index + 1}</span>
            </button>
          </li>
        ))}
      </ol>
      <button
        id="add-item"
        type="button"
        className="button-quiet"
        onClick={() => {
          append(BLANK_ITEM, { shouldFocus: false });
          setTimeout(() => setFocus(`items.${fields.length}.description`));
        }}
      >
        Add an item
      </button>
    </fieldset>
  );
}
