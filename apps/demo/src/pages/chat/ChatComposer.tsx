import { isImeEvent } from '@rivulet/react';
import {
  useEffect,
  useRef,
  useState,
  type ChangeEvent,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type SubmitEvent,
} from 'react';
import { SubmitButton } from '../../components/SubmitButton.tsx';
import { SUBMIT_ID } from './focus-submit.ts';
import { formatBytes } from './format-bytes.ts';
import './ChatComposer.css';

/** The text of a message that could not be sent. */
export interface ReturnedText {
  readonly text: string;
}

interface ChatComposerProps {
  isLoading: boolean;
  files: readonly File[];
  /** What became of files that could not be attached. */
  note: string;
  returned: ReturnedText | undefined;
  models: ReactNode;
  onAttach: (files: readonly File[]) => void;
  onRemove: (file: File) => void;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function ChatComposer({
  isLoading,
  files,
  note,
  returned,
  models,
  onAttach,
  onRemove,
  onSend,
  onStop,
}: ChatComposerProps) {
  const [text, setText] = useState('');
  const [lastReturned, setLastReturned] = useState(returned);
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const fileRef = useRef<HTMLInputElement>(null);
  if (returned !== lastReturned) {
    setLastReturned(returned);
    setText(text || (returned?.text ?? ''));
  }
  const canSend = text.trim() !== '' || files.length > 0;

  useEffect(() => {
    // On a touch screen the keyboard would cover the page.
    if (matchMedia('(hover: hover)').matches) inputRef.current?.focus({ preventScroll: true });
  }, []);

  const send = (): void => {
    if (!canSend) {
      inputRef.current?.focus();
      return;
    }
    onSend(text.trim());
    setText('');
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isLoading) onStop();
    else send();
  };
  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || isImeEvent(event)) return;
    event.preventDefault();
    // While an answer comes it goes into the queue.
    if (canSend) send();
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0) return;
    event.preventDefault();
    onAttach(pasted);
  };
  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    onAttach([...(event.target.files ?? [])]);
    // The same file can be chosen again.
    event.target.value = '';
  };
  const remove = (file: File): void => {
    onRemove(file);
    inputRef.current?.focus();
  };

  return (
    <form className="chat-composer" onSubmit={submit}>
      {files.length > 0 && (
        <ul className="chat-composer-files" aria-label="Attached files">
          {files.map((file, index) => (
            // The same file can be attached twice.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={`${index}-${file.name}`} className="chat-file">
              <span className="chat-file-name">{file.name}</span>
              <span className="chat-file-size">{formatBytes(file.size)}</span>
              <button type="button" aria-label={`Remove ${file.name}`} onClick={() => remove(file)}>
                <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {note !== '' && <p className="chat-composer-note">{note}</p>}
      <textarea
        ref={inputRef}
        aria-label="Message"
        aria-describedby="chat-help"
        rows={1}
        value={text}
        placeholder={isLoading ? 'Write on: it is sent after this answer' : 'Ask anything'}
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendOnEnter}
        onPaste={paste}
      />
      <div className="chat-composer-foot">
        <input ref={fileRef} type="file" multiple hidden onChange={choose} />
        <button
          type="button"
          className="button-round"
          aria-label="Attach files"
          title="Attach files"
          onClick={() => fileRef.current?.click()}
        >
          <svg
            viewBox="0 0 24 24"
            width="18"
            height="18"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeLinecap="round"
            aria-hidden="true"
          >
            <path d="M20 11.5 12 19.4a5 5 0 0 1-7-7l8.3-8.3a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.2a1.8 1.8 0 0 1-2.5-2.5l7.6-7.6" />
          </svg>
        </button>
        {models}
        <p id="chat-help" className="visually-hidden">
          Enter sends, Shift Enter breaks the line, Escape stops.
        </p>
        {isLoading && canSend && (
          <button type="button" className="button-quiet" onClick={send}>
            Send next
          </button>
        )}
        <SubmitButton id={SUBMIT_ID} isLoading={isLoading} />
      </div>
    </form>
  );
}
