import { useStore } from '@rivulet/react';
import { memo } from 'react';
import { MessageItem } from './MessageItem.tsx';
import type { DemoChat } from './tools/chat-tools.ts';

interface MessageListProps {
  chat: DemoChat;
  /** Whether an answer is on its way. */
  isLoading: boolean;
  hasFailed: boolean;
  onSent: () => void;
}

/** The messages of a chat. A token renders the one that it belongs to, and neither the others nor the list. */
export const MessageList = memo(function MessageList({ chat, isLoading, hasFailed, onSent }: MessageListProps) {
  const ids = useStore(chat.messageIds);
  return ids.map((id, index) => {
    const isLast = index === ids.length - 1;
    return (
      <MessageItem
        // Alternatives follow the same message, and take each other's place: what has the focus stays.
        key={ids[index - 1] ?? 'first'}
        chat={chat}
        id={id}
        isActive={isLoading && isLast}
        isLast={isLast}
        hasFailed={hasFailed && isLast}
        onSent={onSent}
      />
    );
  });
});
