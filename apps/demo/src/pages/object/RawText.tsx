import type { TextPlace } from '@rivulet/core';
import { memo, useLayoutEffect, useRef } from 'react';
import './RawText.css';

/** In characters: what is in a whole piece is not rendered again. */
const PIECE_LENGTH = 1024;
/** Within this many pixels of the end, the box is scrolled along with it. */
const NEAR_PX = 24;

interface RawTextProps {
  text: string;
  /** Where it stopped being JSON. */
  place: TextPlace | undefined;
  /** Whether no more comes although it is not all. */
  isCut: boolean;
}

/** What the model writes, as it is. */
export function RawText({ text, place, isCut }: RawTextProps) {
  const boxRef = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);

  // After each render: what there is to show may have grown.
  useLayoutEffect(() => {
    const box = boxRef.current;
    if (!box) return;
    if (isAtEnd.current && !place) box.scrollTop = box.scrollHeight;
  });

  const follow = (): void => {
    const box = boxRef.current;
    if (box) isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  };

  return (
    <section className="raw-text" aria-labelledby="raw-heading">
      <div className="field-head">
        <h2 id="raw-heading">Raw text</h2>
        <span className="raw-count">{text.length.toLocaleString('en')} characters</span>
      </div>
      {place && (
        <p className="raw-place">
          No JSON from line {place.line}, column {place.column} on.
        </p>
      )}
      {/* Focusable, because it is scrolled. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role */}
      <pre ref={boxRef} tabIndex={0} role="group" aria-label="What the model wrote" onScroll={follow}>
        {place ? (
          <>
            {text.slice(0, place.position)}
            <mark ref={bringIntoBox}>{text.slice(place.position, place.position + 1) || ' '}</mark>
            {text.slice(place.position + 1)}
          </>
        ) : (
          Array.from({ length: Math.ceil(text.length / PIECE_LENGTH) }, (_, piece) => (
            <Piece key={piece} text={text.slice(piece * PIECE_LENGTH, (piece + 1) * PIECE_LENGTH)} />
          ))
        )}
        {isCut && <span className="raw-cut">it ends here</span>}
      </pre>
    </section>
  );
}

/** Scrolls the box to what is marked, and not the page. */
function bringIntoBox(mark: HTMLElement | null): void {
  const box = mark?.parentElement;
  if (mark && box) box.scrollTop = mark.offsetTop - box.clientHeight / 2;
}

const Piece = memo(function Piece({ text }: { text: string }) {
  return <span>{text}</span>;
});
