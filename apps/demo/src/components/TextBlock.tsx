import { memo } from 'react';
import type { Block } from './block-reader.ts';
import { InlineText } from './InlineText.tsx';

/** One block of a model's answer, as text: model output is never treated as HTML. */
export const TextBlock = memo(function TextBlock({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading': {
      // The page has its own first two levels.
      const Heading = block.level === 1 ? 'h3' : block.level === 2 ? 'h4' : 'h5';
      return (
        <Heading>
          <InlineText text={block.text} />
        </Heading>
      );
    }
    case 'code':
      return (
        // Focusable, because code that is too wide is scrolled. No <fieldset> and no landmark: only a name.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role
        <pre tabIndex={0} role="group" aria-label={block.language ? `Code, ${block.language}` : 'Code'}>
          <code>{block.text}</code>
        </pre>
      );
    case 'item':
      return (
        <p className="streamed-item">
          <span className="streamed-marker">{/^\d/.test(block.marker) ? block.marker : '–'} </span>
          <InlineText text={block.text} />
        </p>
      );
    case 'paragraph':
    default:
      return (
        <p>
          <InlineText text={block.text} />
        </p>
      );
  }
});
