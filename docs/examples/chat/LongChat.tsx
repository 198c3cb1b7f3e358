import { messageText } from '@rivulet/core';
import type { Chat } from '@rivulet/core/chat';
import { useMessage, useStore } from '@rivulet/react';
import { memo, type ReactElement } from 'react';

/** Renders when other messages are shown, and not while one of them is written. */
export function LongChat({ chat }: { readonly chat: Chat }): ReactElement {
  return (
    <ol>
      {useStore(chat.messageIds).map((id) => (
        <Row key={id} chat={chat} id={id} />
      ))}
    </ol>
  );
}

const Row = memo(function Row({ chat, id }: { readonly chat: Chat; readonly id: string }): ReactElement {
  return <li>{messageText(useMessage(chat, id))}</li>;
});
