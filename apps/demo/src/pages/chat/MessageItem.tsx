import { useMessage } from '@rivulet/react';
import { memo } from 'react';
import { Rivulet } from '../../components/Rivulet.tsx';
import { AnswerMessage } from './AnswerMessage.tsx';
import { UserMessage } from './UserMessage.tsx';
import type { DemoChat } from './tools/chat-tools.ts';

interface MessageItemProps {
  chat: DemoChat;
  id: string;
  isActive: boolean;
  isLast: boolean;
  hasFailed: boolean;
  onSent: () => void;
}

/** One message. Renders only when that message changed. */
export const MessageItem = memo(function MessageItem({
  chat,
  id,
  isActive,
  isLast,
  hasFailed,
  onSent,
}: MessageItemProps) {
  const message = useMessage(chat, id);
  if (!message) return null;
  if (message.role === 'user') {
    return (
      <article className="chat-message" data-role="user" aria-label="You asked">
        <UserMessage chat={chat} message={message} onSent={onSent} />
      </article>
    );
  }
  return (
    <article className="chat-message" data-role="assistant" data-active={isActive} aria-label="Answer">
      <Rivulet isFlowing={isActive} />
      <AnswerMessage chat={chat} message={message} isActive={isActive} isLast={isLast} hasFailed={hasFailed} />
    </article>
  );
});
