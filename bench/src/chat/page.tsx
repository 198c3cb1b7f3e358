import type { Chat } from '@rivulet/core/chat';
import { useMessage, useStore } from '@rivulet/react';
import { memo, useLayoutEffect, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterPaint } from '../after-paint.ts';
import { contestants, QUESTION, rivuletChat, type AnyPart, type Chatting } from './contestants.ts';

const query = new URLSearchParams(location.search);
const of = { messages: Number(query.get('messages')), tools: Number(query.get('tools')) };
const name = query.get('contestant')!;
const useContestant = contestants[name]?.(of);

let commits = 0;
let settledRenders = 0;
let finishedPartRenders = 0;
let isAsking = false;
let isTextThere = false;
let chat: Chatting;

const textOf = ({ text, content }: AnyPart): string => (typeof text === 'string' ? text : String(content));

const Part = memo(function Part({
  part,
  isAnswer,
}: {
  readonly part: AnyPart;
  readonly isAnswer: boolean;
}): ReactElement {
  if (part.type === 'text') {
    if (isAnswer && isAsking) isTextThere = true;
    return <p>{textOf(part)}</p>;
  }
  if (isTextThere) finishedPartRenders += 1;
  return <code>{part.type}</code>;
});

const Message = memo(function Message({
  message,
  index,
}: {
  message: Chatting['messages'][number];
  index: number;
}): ReactElement {
  const isAnswer = index > of.messages;
  if (isAsking && !isAnswer) settledRenders += 1;
  return (
    <li>
      {message.parts.map((part, place) => (
        <Part key={place} part={part} isAnswer={isAnswer} />
      ))}
    </li>
  );
});

function App({ useChatting }: { readonly useChatting: () => Chatting }): ReactElement {
  chat = useChatting();
  useLayoutEffect(() => {
    commits += 1;
  });
  return (
    <ol>
      {chat.messages.map((message, index) => (
        <Message key={message.id} message={message} index={index} />
      ))}
    </ol>
  );
}

window.ask = async () => {
  chat.send();
  while (chat.messages.length <= of.messages + 1) await afterPaint();
  commits = settledRenders = finishedPartRenders = 0;
  isAsking = true;
  while (chat.isBusy) await afterPaint();
  await afterPaint();
  isAsking = false;
  const text = [...document.querySelectorAll('li:last-child p')].map((element) => element.textContent).join('');
  return { text, commits, settledRenders, finishedPartRenders };
};

/** The list takes ids, and each message looks after itself. */
function ById({ chat: own }: { readonly chat: Chat }): ReactElement {
  return (
    <ol>
      {useStore(own.messageIds).map((id, index) => (
        <OneMessage key={id} chat={own} id={id} index={index} />
      ))}
    </ol>
  );
}

const OneMessage = memo(function OneMessage({
  chat: own,
  id,
  index,
}: {
  chat: Chat;
  id: string;
  index: number;
}): ReactElement {
  const message = useMessage(own, id);
  useLayoutEffect(() => {
    if (index > of.messages) commits += 1;
  });
  return <>{message && <Message message={message} index={index} />}</>;
});

function byId(): ReactElement {
  const own = rivuletChat(of);
  function look(): void {
    const { messages, status } = own.getSnapshot();
    chat = {
      messages,
      isBusy: status === 'submitted' || status === 'streaming',
      send: () => void own.sendMessage(QUESTION),
    };
  }
  own.subscribe(look);
  look();
  return <ById chat={own} />;
}

createRoot(document.querySelector('#root')!).render(useContestant ? <App useChatting={useContestant} /> : byId());
