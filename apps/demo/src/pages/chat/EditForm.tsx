import { isImeEvent } from '@rivulet/react';
import { useEffect, useRef, useState, type KeyboardEvent, type SubmitEvent } from 'react';

interface EditFormProps {
  text: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}

/** Says an earlier message otherwise. */
export function EditForm({ text, onSend, onCancel }: EditFormProps) {
  const [value, setValue] = useState(text);
  const inputRef = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    const input = inputRef.current;
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
  }, []);

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (value.trim() === '') inputRef.current?.focus();
    else onSend(value.trim());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isImeEvent(event)) return;
    if (event.key === 'Escape') {
      // Elsewhere it stops the answer.
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  };

  return (
    <form className="edit-form" onSubmit={submit}>
      <textarea
        ref={inputRef}
        aria-label="Edit the message"
        rows={2}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="edit-foot">
        <button type="button" className="button-quiet" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="button-strong">
          Send the edit
        </button>
      </div>
    </form>
  );
}
