import type { ChatMessage } from '@rivulet/core/chat';
import { useChat } from '@rivulet/react';
import { StreamingMarkdown } from '@rivulet/react/markdown';
import { memo, type ReactElement } from 'react';

export function MarkdownChat(): ReactElement {
  const { messages, sendMessage } = useChat();
  return (
    <>
      {messages.map((message) => (
        <Message key={message.id} message={message} />
      ))}
      <button onClick={() => void sendMessage('Why do rivers meander?')}>Ask</button>
    </>
  );
}

const Message = memo(function Message({ message }: { readonly message: ChatMessage }): ReactElement {
  const { role, parts, finishReason } = message;
  return (
    <article aria-label={role === 'user' ? 'You' : 'Answer'}>
      {parts.map((part, index) => {
        if (part.type !== 'text') return null;
        if (role === 'user') return <p key={index}>{part.text}</p>;
        // Only the last part grows, for as long as the answer has no end.
        const isStreaming = finishReason === undefined && index === parts.length - 1;
        return <StreamingMarkdown key={index} text={part.text} isStreaming={isStreaming} headingShift={2} />;
      })}
    </article>
  );
});
