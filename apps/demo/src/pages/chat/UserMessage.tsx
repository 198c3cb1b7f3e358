import { useRef, useState } from 'react';
import { BranchSwitch } from './BranchSwitch.tsx';
import { EditForm } from './EditForm.tsx';
import { FileView } from './FileView.tsx';
import { focusSubmit } from './focus-submit.ts';
import { textOf } from './text-of.ts';
import type { DemoChat, DemoMessage } from './tools/chat-tools.ts';

interface UserMessageProps {
  chat: DemoChat;
  message: DemoMessage;
  onSent: () => void;
}

export function UserMessage({ chat, message, onSent }: UserMessageProps) {
  /** The message that is being edited: another one may take its place. */
  const [edited, setEdited] = useState<string>();
  const editRef = useRef<HTMLButtonElement>(null);
  const text = textOf(message);
  const files = message.parts.filter((part) => part.type === 'file');

  const send = (changed: string): void => {
    setEdited(undefined);
    focusSubmit();
    void chat.sendMessage({ text: changed, files, messageId: message.id });
    onSent();
  };
  const cancel = (): void => {
    setEdited(undefined);
    // The button comes back with the next render.
    requestAnimationFrame(() => editRef.current?.focus());
  };

  return (
    <>
      <h2 className="visually-hidden">You asked</h2>
      {files.length > 0 && (
        <ul className="chat-files" aria-label="Files">
          {files.map((file, index) => (
            // Files of a message never change places.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <FileView file={file} />
            </li>
          ))}
        </ul>
      )}
      {edited === message.id ? (
        <EditForm text={text} onSend={send} onCancel={cancel} />
      ) : (
        text !== '' && <p className="chat-question">{text}</p>
      )}
      <div className="chat-actions">
        <BranchSwitch chat={chat} id={message.id} />
        {edited !== message.id && (
          <button ref={editRef} type="button" className="button-quiet" onClick={() => setEdited(message.id)}>
            Edit
          </button>
        )}
      </div>
    </>
  );
}
