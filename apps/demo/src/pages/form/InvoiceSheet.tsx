import type { FormFilling } from '@rivulet/react/react-hook-form';
import { memo } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import type { FieldName, InvoiceForm } from './invoice.ts';
import { InvoiceField, type InputProps } from './InvoiceField.tsx';
import { InvoiceItems } from './InvoiceItems.tsx';

interface InvoiceSheetProps {
  form: UseFormReturn<InvoiceForm>;
  filling: FormFilling<FieldName>;
  /** What is said of a field that is not whole. */
  unfinished: string;
  onNote: (note: string) => void;
}

/** The fields. It renders when a fill starts and ends: what changes while the model writes is each field's own. */
export const InvoiceSheet = memo(function InvoiceSheet({ form, filling, unfinished, onNote }: InvoiceSheetProps) {
  const { control, register } = form;
  const field = { control, filling, unfinished, onNote };
  const again = { ...field, hasRefill: true };
  const amount = { type: 'number', step: 'any' };
  return (
    <div className="invoice-fields">
      <InvoiceField {...again} name="vendor" label="From">
        {(props) => <input {...props} {...register('vendor')} />}
      </InvoiceField>
      <InvoiceField {...again} name="customer" label="To">
        {(props) => <input {...props} {...register('customer')} />}
      </InvoiceField>
      <InvoiceField {...again} name="invoiceNumber" label="Number">
        {(props) => <input {...props} {...register('invoiceNumber')} />}
      </InvoiceField>
      <InvoiceField {...again} name="issueDate" label="Date">
        {(props) => <input type="date" {...props} {...register('issueDate')} />}
      </InvoiceField>
      <InvoiceField {...again} name="dueDate" label="Due">
        {(props) => <input type="date" {...props} {...register('dueDate')} />}
      </InvoiceField>
      <InvoiceField {...field} name="currency" label="Currency">
        {(props: InputProps) => (
          <select {...props} {...register('currency')}>
            <option value="EUR">Euro</option>
            <option value="USD">US dollar</option>
            <option value="GBP">Pound</option>
          </select>
        )}
      </InvoiceField>
      <InvoiceItems {...field} form={form} />
      <InvoiceField {...again} name="tax" label="Tax">
        {(props) => <input {...amount} {...props} {...register('tax', { valueAsNumber: true })} />}
      </InvoiceField>
      <InvoiceField {...again} name="total" label="Total">
        {(props) => <input {...amount} {...props} {...register('total', { valueAsNumber: true })} />}
      </InvoiceField>
      <InvoiceField {...field} name="paid" label="Paid">
        {(props) => <input type="checkbox" {...props} {...register('paid')} />}
      </InvoiceField>
      <InvoiceField {...again} name="notes" label="Notes">
        {(props) => <textarea rows={2} {...props} {...register('notes')} />}
      </InvoiceField>
    </div>
  );
});
