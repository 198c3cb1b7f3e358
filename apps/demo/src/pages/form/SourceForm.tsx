import { useRef, type SubmitEvent } from 'react';
import { SubmitButton } from '../../components/SubmitButton.tsx';
import type { Mode } from '../../../shared/llm-endpoint.ts';
import { SAMPLES } from './samples.ts';
import '../../components/Composer.css';
import '../../components/Suggestions.css';

interface SourceFormProps {
  text: string;
  mode: Mode;
  isFilling: boolean;
  onText: (text: string) => void;
  onFill: () => void;
  onStop: () => void;
}

/** The text that the form is filled from. */
export function SourceForm({ text, mode, isFilling, onText, onFill, onStop }: SourceFormProps) {
  const textRef = useRef<HTMLTextAreaElement>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isFilling) onStop();
    else if (text.trim() === '') textRef.current?.focus();
    else onFill();
  };
  return (
    <form className="composer source-form" onSubmit={submit}>
      <label htmlFor="source">Text of an invoice</label>
      <textarea
        id="source"
        ref={textRef}
        rows={12}
        value={text}
        onChange={(event) => onText(event.target.value)}
        placeholder="Paste a letter, a mail, or a table"
        aria-describedby="source-help"
      />
      <div className="composer-foot">
        <p id="source-help">
          <kbd>Esc</kbd> stops
        </p>
        <SubmitButton id="fill" isLoading={isFilling}>
          Fill the form
        </SubmitButton>
      </div>
      <section className="suggestions" aria-labelledby="samples-heading">
        <h2 id="samples-heading">Sample texts</h2>
        <ul>
          {SAMPLES.filter(({ isFault }) => !isFault || mode !== 'provider').map((sample) => (
            <li key={sample.label}>
              <button type="button" aria-pressed={sample.text === text} onClick={() => onText(sample.text)}>
                {sample.label}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </form>
  );
}
