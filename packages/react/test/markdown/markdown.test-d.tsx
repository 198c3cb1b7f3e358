import { StreamingMarkdown, type StreamingMarkdownProps } from '@rivulet/react/markdown';
import type { ComponentType } from 'react';
import { describe, expectTypeOf, it } from 'vitest';

describe('StreamingMarkdown', () => {
  it('needs a text, and takes undefined for the rest', () => {
    expectTypeOf<{ text: string }>().toExtend<StreamingMarkdownProps>();
    expectTypeOf<{ text: string; isStreaming: undefined; allowImage: undefined }>().toExtend<StreamingMarkdownProps>();
    expectTypeOf<{ isStreaming: boolean }>().not.toExtend<StreamingMarkdownProps>();
    expectTypeOf(StreamingMarkdown).toExtend<ComponentType<StreamingMarkdownProps>>();
  });

  it('types the components of the app', () => {
    // The argument is typed by the element.
    void (<StreamingMarkdown text="" components={{ a: ({ href }) => <b>{href}</b> }} />);
    // @ts-expect-error an element has no such prop
    void (<StreamingMarkdown text="" components={{ a: ({ hrefs }) => <b>{hrefs}</b> }} />);
    void (
      <StreamingMarkdown
        text=""
        CodeBlock={({ code, language, isOpen }) => {
          expectTypeOf(code).toEqualTypeOf<string>();
          expectTypeOf(language).toEqualTypeOf<string | undefined>();
          expectTypeOf(isOpen).toEqualTypeOf<boolean>();
          return null;
        }}
      />
    );
  });
});
