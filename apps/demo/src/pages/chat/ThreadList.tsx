import { useEffect, useState, type FormEvent } from 'react';
import { formatAge } from './format-age.ts';
import type { ThreadEntry } from './thread-index.ts';
import './ThreadList.css';

const REFRESH_MS = 30_000;

interface ThreadListProps {
  entries: readonly ThreadEntry[];
  currentId: string;
  onNew: () => void;
  onOpen: (id: string) => void;
  onRename: (id: string, title: string) => void;
  onDelete: (id: string) => void;
}

export function ThreadList({ entries, currentId, onNew, onOpen, onRename, onDelete }: ThreadListProps) {
  /** The one whose deletion waits for a yes. */
  const [doomed, setDoomed] = useState<string>();
  /** The one whose title is edited. */
  const [edited, setEdited] = useState<string>();
  const [nowMs, setNowMs] = useState(Date.now);

  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);

  return (
    <div className="thread-list">
      <button type="button" className="thread-new" onClick={onNew}>
        <span aria-hidden="true">+</span> New chat
      </button>
      {entries.length === 0 && <p className="thread-none">Chats that you begin are kept here, in this browser only.</p>}
      <ul aria-label="Chats">
        {entries.map(({ id, title, atMs }) => (
          <li key={id} data-current={id === currentId}>
            {edited === id ? (
              <TitleForm
                title={title}
                onRename={(next) => {
                  setEdited(undefined);
                  if (next) onRename(id, next);
                }}
              />
            ) : (
              <button
                type="button"
                className="thread-open"
                aria-current={id === currentId ? 'true' : undefined}
                onClick={() => onOpen(id)}
              >
                <span className="thread-title">{title}</span>
                {atMs > 0 && <span className="thread-age">{formatAge(nowMs - atMs)}</span>}
              </button>
            )}
            {edited !== id && doomed !== id && (
              <button
                type="button"
                className="thread-delete"
                aria-label={`Rename “${title}”`}
                onClick={() => setEdited(id)}
              >
                <span aria-hidden="true">✎</span>
              </button>
            )}
            {doomed === id ? (
              <span className="thread-confirm">
                {/* It stands where the button was that was pressed. */}
                {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
                <button type="button" autoFocus onClick={() => onDelete(id)}>
                  Delete<span className="visually-hidden"> “{title}” for good</span>
                </button>
                <button type="button" onClick={() => setDoomed(undefined)}>
                  Keep
                </button>
              </span>
            ) : (
              <button
                type="button"
                className="thread-delete"
                aria-label={`Delete “${title}”`}
                onClick={() => setDoomed(id)}
              >
                <span aria-hidden="true">×</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TitleFormProps {
  title: string;
  /** Called with the new title; empty if the old one stays. */
  onRename: (title: string) => void;
}

function TitleForm({ title, onRename }: TitleFormProps) {
  const [value, setValue] = useState(title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onRename(value.trim());
  };
  return (
    <form className="thread-open" onSubmit={submit}>
      <input
        // It replaces the title whose button was pressed.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label={`New title of “${title}”`}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onBlur={() => onRename('')}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onRename('');
        }}
      />
    </form>
  );
}
