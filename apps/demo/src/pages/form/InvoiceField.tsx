import { useObjectFormField, type FormFieldStatus, type FormFilling } from '@rivulet/react/react-hook-form';
import { get, useFormState, type Control, type FieldError } from 'react-hook-form';
import type { ReactNode } from 'react';
import type { FieldName, InvoiceForm } from './invoice.ts';

/** What an input is given to belong to its label and to what is said of it. */
export interface InputProps {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

interface InvoiceFieldProps {
  filling: FormFilling<FieldName>;
  control: Control<InvoiceForm>;
  name: FieldName;
  label: string;
  /** Whether the model can be asked for it alone. */
  hasRefill?: boolean;
  /** What is said of a field that is not whole. */
  unfinished: string;
  onNote: (note: string) => void;
  children: (props: InputProps) => ReactNode;
}

const STATUS: Record<Exclude<FormFieldStatus, 'streaming'>, string> = {
  absent: '',
  complete: 'filled',
  invalid: 'needs a look',
  user: 'yours',
};

/** A field, how far it has come, what is wrong with it, and what the model suggests. */
export function InvoiceField(props: InvoiceFieldProps) {
  const { filling, control, name, label, hasRefill, unfinished, onNote, children } = props;
  const { status, suggestion, isRefilling, accept, dismiss, refill } = useObjectFormField(filling, name);
  const { errors } = useFormState({ control, name, exact: true });
  const error: FieldError | undefined = get(errors, name);
  const id = `invoice-${name.replaceAll('.', '-')}`;
  const state = isRefilling ? 'asking again' : status === 'streaming' ? unfinished : STATUS[status];
  const decide = (decision: () => void, note: string): void => {
    decision();
    // The buttons go; the field is what they were about.
    document.getElementById(id)?.focus();
    onNote(note);
  };
  return (
    <div className="invoice-field" data-status={isRefilling ? 'streaming' : status}>
      <div className="invoice-field-head">
        <label htmlFor={id}>{label}</label>
        <span id={`${id}-status`} className="invoice-field-status">
          {state}
        </span>
        {hasRefill && (
          <button
            type="button"
            className="invoice-again"
            aria-label={`Ask again for: ${label}`}
            title="Ask the model for this field again"
            onClick={() => void refill().then((isHere) => isHere || onNote(`${label}: nothing that fits came.`))}
          >
            <span aria-hidden="true">↻</span>
          </button>
        )}
      </div>
      {children({ id, 'aria-describedby': `${id}-status ${id}-more`, 'aria-invalid': !!error })}
      <div id={`${id}-more`}>
        {error && <p className="invoice-problem">{error.message}</p>}
        {suggestion && <p className="invoice-suggested">The model read: {String(suggestion.value)}</p>}
      </div>
      {suggestion && (
        <p className="invoice-decide">
          <button
            type="button"
            aria-label={`Take it, for ${label}`}
            onClick={() => decide(accept, `${label}: the suggestion is taken.`)}
          >
            Take it
          </button>
          <button
            type="button"
            aria-label={`Keep mine, for ${label}`}
            onClick={() => decide(dismiss, `${label}: yours is kept.`)}
          >
            Keep mine
          </button>
        </p>
      )}
    </div>
  );
}
