import { useState } from 'react';
import type { NodeStatus } from './StatusMark.tsx';

/** In characters: a longer text shows whole when that is asked for. */
const SHOWN_LENGTH = 600;

/** A value that holds no other. */
export function TreeValue({ value, status }: { value: unknown; status: NodeStatus }) {
  if (typeof value === 'string')
    return <TreeText text={value} isComplete={status !== 'streaming' && status !== 'cut'} />;
  if (value === undefined) return <span className="tree-none">{status === 'streaming' ? '' : 'missing'}</span>;
  if (typeof value === 'object' && value !== null) {
    return <span className="tree-none">{Array.isArray(value) ? '[ ]' : '{ }'}</span>;
  }
  return <span className="tree-literal">{JSON.stringify(value)}</span>;
}

function TreeText({ text, isComplete }: { text: string; isComplete: boolean }) {
  const [isWhole, setIsWhole] = useState(false);
  const isCut = !isWhole && text.length > SHOWN_LENGTH;
  return (
    <>
      <span className="tree-text">
        “{isCut ? wholeCharacters(text) : text}
        {!isCut && isComplete && '”'}
      </span>
      {isCut && (
        <>
          {' '}
          <button type="button" className="tree-more" onClick={() => setIsWhole(true)}>
            and {(text.length - SHOWN_LENGTH).toLocaleString('en')} characters more
          </button>
        </>
      )}
    </>
  );
}

/** The beginning, without half an emoji at its end. */
function wholeCharacters(text: string): string {
  return text.slice(0, SHOWN_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
}
