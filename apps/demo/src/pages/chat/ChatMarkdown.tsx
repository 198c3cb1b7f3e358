import { StreamingMarkdown } from '@rivulet/react/markdown';
import { memo, type ComponentProps } from 'react';
import { CodeBlock } from './CodeBlock.tsx';
import { TaskMark } from './TaskMark.tsx';
import './ChatMarkdown.css';

interface ChatMarkdownProps {
  text: string;
  isStreaming: boolean;
}

/** What the model wrote. Text that has settled is not looked at again. */
export const ChatMarkdown = memo(function ChatMarkdown({ text, isStreaming }: ChatMarkdownProps) {
  return (
    <div className="chat-markdown">
      <StreamingMarkdown
        text={text}
        isStreaming={isStreaming}
        components={COMPONENTS}
        CodeBlock={CodeBlock}
        headingShift={2}
      />
    </div>
  );
});

const COMPONENTS = { a: Link, table: Table, input: TaskMark };

function Link({ href, children, title, id, className }: ComponentProps<'a'>) {
  const isOutside = /^https?:/.test(href ?? '');
  return (
    <a
      href={href}
      title={title}
      id={id}
      className={className}
      {...(isOutside && { target: '_blank', rel: 'noreferrer noopener' })}
    >
      {children}
    </a>
  );
}

/** A wide one scrolls within the answer; the keyboard must reach what scrolls. */
function Table({ children }: ComponentProps<'table'>) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role
    <div className="chat-table" role="group" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
