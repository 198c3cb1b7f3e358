import { useLLMClient, useStore } from '@rivulet/react';
import { useLayoutEffect, useRef, useState } from 'react';
import type { PageProps } from '../page-props.ts';
import { chatStorage } from './chat-storage.ts';
import { ChatModels } from './ChatModels.tsx';
import { Conversation } from './Conversation.tsx';
import { createShelf, type Shelf } from './chat-registry.ts';
import { newRandomId, openThreadIndex } from './thread-index.ts';
import { ThreadList } from './ThreadList.tsx';
import './ChatPage.css';

const threads = openThreadIndex(chatStorage);
/** Made with the first visit, and kept: an answer goes on while another page is looked at. */
let shelf: Shelf | undefined;

export function ChatPage({ providers, provider, onProvider }: PageProps) {
  const client = useLLMClient();
  const [chosenModel, setChosenModel] = useState('');
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosenModel) ?? provider.models[0] ?? {};
  const [open] = useState(() => (shelf ??= createShelf({ client, model })));
  const entries = useStore(threads);
  const [threadId, setThreadId] = useState(threads.current);
  const menuRef = useRef<HTMLDialogElement>(null);

  useLayoutEffect(() => open.connect({ client, model }), [open, client, model]);
  useLayoutEffect(() => {
    // The page is as high as the window: its parts scroll.
    document.documentElement.dataset['page'] = 'chat';
    return () => {
      delete document.documentElement.dataset['page'];
    };
  }, []);

  const show = (id: string): void => {
    threads.setCurrent(id);
    setThreadId(id);
    menuRef.current?.close();
  };
  const remove = (id: string): void => {
    threads.remove(id);
    void open.forget(id);
    if (id === threadId) show(newRandomId());
  };
  const note = (words: string): void => {
    threads.setCurrent(threadId);
    threads.note(threadId, words);
  };
  const list = (
    <ThreadList
      entries={entries}
      currentId={threadId}
      onNew={() => show(newRandomId())}
      onOpen={show}
      onRename={threads.rename}
      onDelete={remove}
    />
  );

  return (
    <div className="chat-page">
      <h1 className="visually-hidden">Chat</h1>
      <nav className="chat-threads" aria-label="Chats">
        {list}
      </nav>
      <div className="chat-bar">
        <button type="button" className="button-quiet" onClick={() => menuRef.current?.showModal()}>
          Chats
        </button>
        <p>{entries.find(({ id }) => id === threadId)?.title ?? 'New chat'}</p>
        <button type="button" className="button-quiet" onClick={() => show(newRandomId())}>
          New
        </button>
      </div>
      <dialog ref={menuRef} className="chat-menu" aria-label="Chats">
        <button type="button" className="button-quiet" onClick={() => menuRef.current?.close()}>
          Close
        </button>
        {list}
      </dialog>
      <Conversation
        key={threadId}
        chat={open.open(threadId)}
        mode={provider.mode}
        onSaid={note}
        models={
          <ChatModels
            providers={providers}
            provider={provider}
            model={model}
            onProvider={onProvider}
            onModel={setChosenModel}
          />
        }
      />
    </div>
  );
}
