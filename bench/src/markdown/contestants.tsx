import { StreamingMarkdown } from '@rivulet/react/markdown';
import type { ReactElement } from 'react';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { Streamdown } from 'streamdown';

interface Shown {
  readonly text: string;
  readonly isStreaming: boolean;
}

const gfm = [remarkGfm];

/** Each shows Markdown that grows. The first one is what the others are measured in. */
export const contestants: Readonly<Record<string, (shown: Shown) => ReactElement>> = {
  'rivulet StreamingMarkdown': ({ text, isStreaming }) => <StreamingMarkdown text={text} isStreaming={isStreaming} />,
  streamdown: ({ text, isStreaming }) => <Streamdown isAnimating={isStreaming}>{text}</Streamdown>,
  'react-markdown': ({ text }) => <Markdown remarkPlugins={gfm}>{text}</Markdown>,
};
