import { memo, useEffect, useEffectEvent, useRef, useState, type ClipboardEvent } from 'react';
import { formatCount } from './format.ts';
import { readCsv } from './read-csv.ts';
import type { Table } from './table.ts';
import './ItemsField.css';

/** In characters. */
const LONG_PASTE = 5000;

interface ItemsFieldProps {
  lines: string;
  /** A file stands in for the lines while there is one. */
  file: Table | null;
  lineCount: number;
  /** Why nothing can be asked with these; `null` where it can. */
  problem: string | null;
  onLines: (lines: string) => void;
  onFile: (file: Table | null) => void;
}

/** What to work on: lines that are pasted, or a file of columns that is dropped or chosen. */
export const ItemsField = memo(function ItemsField(props: ItemsFieldProps) {
  const { lines, file, lineCount, problem, onLines, onFile } = props;
  const [failure, setFailure] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);
  const fileRef = useRef<HTMLInputElement>(null);

  const read = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    try {
      onFile(await readCsv(chosen));
      setFailure(null);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  const drop = useEffectEvent((event: DragEvent): void => {
    setIsOver(false);
    const [dropped] = event.dataTransfer?.files ?? [];
    if (!dropped) return;
    event.preventDefault();
    void read(dropped);
  });

  // Anywhere in the page: a file that misses the field would else be opened by the browser, and the page be gone.
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const dropped = (event: DragEvent): void => drop(event);
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', dropped);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', dropped);
    };
  }, []);

  const paste = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const text = event.clipboardData.getData('text/plain');
    if (text.length < LONG_PASTE) return;
    // Chromium's own paste takes time with the square of the lines: a minute for some thousands.
    event.preventDefault();
    const field = event.currentTarget;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    onLines(field.value);
  };
  const remove = (): void => {
    onFile(null);
    // The button that was pressed goes.
    fileRef.current?.focus();
  };
  const message = failure ?? problem;

  return (
    <div className="items-field" data-over={isOver}>
      <div className="field-head">
        {file ? <span className="items-label">Rows</span> : <label htmlFor="lines">Lines</label>}
        <span className="items-count">
          {file ? `${formatCount(file.rows.length)} rows` : lineCount > 0 && `${formatCount(lineCount)} lines`}
        </span>
      </div>
      {file ? (
        <div className="items-file">
          <p>
            <strong>{file.name}</strong>
            <span>{file.columns.join(', ')}</span>
          </p>
          <button type="button" className="button-quiet" onClick={remove}>
            Remove
          </button>
        </div>
      ) : (
        <textarea
          id="lines"
          rows={5}
          value={lines}
          onChange={(event) => onLines(event.target.value)}
          onPaste={paste}
          placeholder="Paste one item a line, or drop a CSV file"
          aria-invalid={problem !== null}
          aria-describedby="items-help"
        />
      )}
      <div className="items-foot">
        <p id="items-help" className="field-help">
          {message ? (
            <span className="field-problem">{message}</span>
          ) : (
            'The first row of a CSV file names its columns. It is read in the page.'
          )}
        </p>
        <label className="items-choose button-quiet">
          {file ? 'Other file' : 'Choose a CSV file'}
          <input
            ref={fileRef}
            type="file"
            className="visually-hidden"
            accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
            onChange={(event) => {
              void read(event.target.files?.[0]);
              // So that the same file can be chosen again.
              event.target.value = '';
            }}
          />
        </label>
      </div>
    </div>
  );
});
