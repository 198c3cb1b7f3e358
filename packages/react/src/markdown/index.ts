'use client';

export { type CodeBlockProps, StreamingMarkdown, type StreamingMarkdownProps } from './streaming-markdown.tsx';
