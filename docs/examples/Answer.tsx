import { type CodeBlockProps, StreamingMarkdown } from '@rivulet/react/markdown';
import type { ReactElement } from 'react';

function CodeBlock({ code, language, isOpen, children }: CodeBlockProps): ReactElement {
  return (
    <figure>
      <figcaption>
        {language ?? 'text'}
        {!isOpen && <button onClick={() => void navigator.clipboard.writeText(code)}>Copy</button>}
      </figcaption>
      <pre>{children}</pre>
    </figure>
  );
}

const isOurs = (url: string): boolean => url.startsWith('https://images.example/');

export function Answer({ text, isStreaming }: { text: string; isStreaming: boolean }): ReactElement {
  return (
    <StreamingMarkdown
      text={text}
      isStreaming={isStreaming}
      CodeBlock={CodeBlock}
      headingShift={2}
      allowImage={isOurs}
    />
  );
}
