import { useEscape } from '@rivulet/react';
import { useObjectForm } from '@rivulet/react/react-hook-form';
import { useState } from 'react';
import { useForm, useFormState } from 'react-hook-form';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { ModelSettings, type Settings } from '../../components/ModelSettings.tsx';
import { RetryNotice } from '../../components/RetryNotice.tsx';
import type { PageProps } from '../page-props.ts';
import { announce } from './announce.ts';
import { checkInvoice, EMPTY, invoice } from './invoice.ts';
import { InvoiceSheet } from './InvoiceSheet.tsx';
import { SAMPLES } from './samples.ts';
import { SourceForm } from './SourceForm.tsx';
import './FormPage.css';

export default function FormPage({ providers, provider, onProvider }: PageProps) {
  const [chosen, setChosen] = useState<Settings>({ model: '', temperature: null });
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosen.model) ?? provider.models[0] ?? {};
  const settings: Settings = { ...chosen, model };
  const [text, setText] = useState(SAMPLES[0].text);
  const [note, setNote] = useState<string | null>(null);
  const form = useForm({ defaultValues: EMPTY, resolver: checkInvoice });
  const filling = useObjectForm({
    ...settings,
    form,
    schema: invoice,
    request: (source: string) => `Extract the invoice:\n\n${source}`,
    refillRequest:
      // The demo's own model reads only the text.
      provider.mode === 'provider' ? undefined : ({ name, input = text }) => `Extract the ${name}:\n\n${input}`,
  });
  const { fill, stop, undo, canUndo, isFilling, error, retry, suggestions } = filling;
  const { errors } = useFormState({ control: form.control });
  const problems = countErrors(errors);
  useEscape(isFilling ? stop : undefined);

  const undoFill = (): void => {
    if (!canUndo) return;
    undo();
    setNote('Undone. What you wrote stays.');
  };
  const check = (): void => {
    void form.handleSubmit(
      () => setNote('Everything fits.'),
      () => setNote('Some fields need a look.'),
    )();
  };

  return (
    <div className="form-page">
      <h1 className="visually-hidden">Form playground</h1>
      <LiveRegion message={(isFilling ? null : note) ?? announce(filling, { problems })} />
      <div className="form-desk">
        <SourceForm
          text={text}
          mode={provider.mode}
          isFilling={isFilling}
          onText={setText}
          onFill={() => {
            setNote(null);
            void fill(text);
          }}
          onStop={stop}
        />
        <ModelSettings
          providers={providers}
          provider={provider}
          settings={settings}
          onProvider={onProvider}
          onChange={setChosen}
        />
      </div>
      <form
        className="invoice"
        aria-labelledby="invoice-heading"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          check();
        }}
      >
        <div className="invoice-head">
          <h2 id="invoice-heading">Invoice</h2>
          <p>
            {note ??
              (isFilling
                ? 'Type anywhere: what you write is yours.'
                : suggestions.length > 0
                  ? 'The model read something else where you wrote.'
                  : '')}
          </p>
          <button type="button" className="button-quiet" aria-disabled={!canUndo} onClick={undoFill}>
            Undo the fill
          </button>
          <button type="submit" className="button-quiet">
            Check
          </button>
        </div>
        {retry && <RetryNotice retry={retry} />}
        <InvoiceSheet
          form={form}
          filling={filling.filling}
          unfinished={isFilling ? 'being written' : 'comes when you leave'}
          onNote={setNote}
        />
        {error && error.code !== 'validation' && <ErrorNotice error={error} mode={provider.mode} hasText={false} />}
      </form>
    </div>
  );
}

function countErrors(errors: object): number {
  return Object.values(errors).reduce<number>((count, error: unknown) => {
    if (!error || typeof error !== 'object') return count;
    return count + ('message' in error && 'type' in error ? 1 : countErrors(error));
  }, 0);
}
