import { useRef } from 'react';
import './TemplateField.css';

interface TemplateFieldProps {
  template: string;
  columns: readonly string[];
  /** Why it cannot be used; `null` where it can. */
  problem: string | null;
  /** The prompt for the first row, if there is one. */
  preview: string | null;
  onChange: (template: string) => void;
}

export function TemplateField({ template, columns, problem, preview, onChange }: TemplateFieldProps) {
  const fieldRef = useRef<HTMLTextAreaElement>(null);

  const insert = (column: string): void => {
    const field = fieldRef.current;
    if (!field) return;
    field.focus();
    field.setRangeText(`{{${column}}}`, field.selectionStart, field.selectionEnd, 'end');
    onChange(field.value);
  };

  return (
    <div className="template-field">
      <div className="field-head">
        <label htmlFor="template">Prompt template</label>
      </div>
      <textarea
        id="template"
        ref={fieldRef}
        rows={4}
        value={template}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={problem !== null}
        aria-describedby="template-help"
        spellCheck={false}
      />
      <p id="template-help" className="field-help">
        {problem === null ? (
          'What stands in double braces is filled in from each row.'
        ) : (
          <span className="field-problem">{problem}</span>
        )}
      </p>
      {/* A fieldset would be announced with each button. */}
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role */}
      <div className="template-columns" role="group" aria-label="Put in a column">
        {columns.map((column) => (
          <button key={column} type="button" onClick={() => insert(column)}>
            {`{{${column}}}`}
          </button>
        ))}
      </div>
      {preview !== null && problem === null && (
        <figure className="template-preview">
          <figcaption>First prompt</figcaption>
          <p>{preview}</p>
        </figure>
      )}
    </div>
  );
}
