import { useState, type SubmitEvent } from 'react';
import { SubmitButton } from '../../components/SubmitButton.tsx';
import { ItemsField } from './ItemsField.tsx';
import { formatCount } from './format.ts';
import type { Table } from './table.ts';
import { fillTemplate, findTemplateProblem } from './template.ts';
import { TemplateField } from './TemplateField.tsx';
import '../../components/Composer.css';

const MAX_CONCURRENCY = 100;

interface BatchFormProps {
  lines: string;
  file: Table | null;
  /** The rows of either. */
  table: Table;
  template: string;
  concurrency: number;
  isBusy: boolean;
  onLines: (lines: string) => void;
  onFile: (file: Table | null) => void;
  onTemplate: (template: string) => void;
  onConcurrency: (concurrency: number) => void;
  onRun: () => void;
  onStop: () => void;
}

export function BatchForm(props: BatchFormProps) {
  const { lines, file, table, template, concurrency, isBusy, onLines, onFile, onTemplate, onConcurrency } = props;
  const [hasTried, setHasTried] = useState(false);
  // What is typed may be no number yet.
  const [concurrencyText, setConcurrencyText] = useState(String(concurrency));
  const isConcurrencyFit = isFit(concurrencyText);
  const templateProblem = findTemplateProblem(template, table.columns);
  const [first] = table.rows;

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isBusy) return props.onStop();
    setHasTried(true);
    if (!first) document.getElementById('lines')?.focus();
    else if (templateProblem !== null) document.getElementById('template')?.focus();
    else if (!isConcurrencyFit) document.getElementById('concurrency')?.focus();
    else props.onRun();
  };
  const setConcurrency = (text: string): void => {
    setConcurrencyText(text);
    if (isFit(text)) onConcurrency(Number(text));
  };

  return (
    <form className="batch-form" onSubmit={submit} noValidate>
      <ItemsField
        lines={lines}
        file={file}
        lineCount={file ? 0 : table.rows.length}
        problem={hasTried && !first ? 'There is nothing to ask yet: paste lines, or choose a file.' : null}
        onLines={onLines}
        onFile={onFile}
      />
      <TemplateField
        template={template}
        columns={table.columns}
        problem={templateProblem}
        preview={first ? fillTemplate(template, table.columns, first) : null}
        onChange={onTemplate}
      />
      <div className="batch-form-foot">
        <div className="concurrency-field">
          <div className="field-head">
            <label htmlFor="concurrency">At a time</label>
          </div>
          <input
            id="concurrency"
            type="number"
            inputMode="numeric"
            min={1}
            max={MAX_CONCURRENCY}
            value={concurrencyText}
            disabled={isBusy}
            onChange={(event) => setConcurrency(event.target.value)}
            aria-invalid={!isConcurrencyFit}
            aria-describedby="concurrency-help"
          />
        </div>
        <SubmitButton id="run" isLoading={isBusy}>
          {table.rows.length > 1 ? `Run ${formatCount(table.rows.length)} rows` : 'Run'}
        </SubmitButton>
        <p id="concurrency-help" className="field-help">
          {isConcurrencyFit ? (
            'How many requests are out at once.'
          ) : (
            <span className="field-problem">A whole number from 1 to {MAX_CONCURRENCY}.</span>
          )}
        </p>
      </div>
    </form>
  );
}

function isFit(text: string): boolean {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= MAX_CONCURRENCY;
}
