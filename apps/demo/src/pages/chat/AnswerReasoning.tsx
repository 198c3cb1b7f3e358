import { memo } from 'react';
import { ChatMarkdown } from './ChatMarkdown.tsx';

interface AnswerReasoningProps {
  text: string;
  /** Whether more of it may come. */
  isOpen: boolean;
}

/** What the model thought before it answered: folded, as most do not read it. */
export const AnswerReasoning = memo(function AnswerReasoning({ text, isOpen }: AnswerReasoningProps) {
  return (
    <details className="chat-reasoning" data-open={isOpen}>
      <summary>
        {isOpen ? 'Thinking' : 'Reasoning'}
        {isOpen && <span className="chat-reasoning-latest">{latestLine(text)}</span>}
      </summary>
      <ChatMarkdown text={text} isStreaming={isOpen} />
    </details>
  );
});

/** A glimpse of what goes on. */
function latestLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(-120) ?? '';
}
