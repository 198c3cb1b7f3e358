import { useEffect, useRef, useState } from 'react';
import { CopyButton } from '../../components/CopyButton.tsx';
import { visibleBottom } from '../../components/visible-bottom.ts';
import { AgainButton } from '../../components/AgainButton.tsx';
import { useFollowEnd } from '../../components/use-follow-end.ts';
import type { Asked } from './submission.ts';
import { ObjectTree } from './ObjectTree.tsx';
import { OutcomePanel } from './OutcomePanel.tsx';
import { RawText } from './RawText.tsx';
import type { AnyObject } from './use-any-object.ts';
import { useElementCount } from './use-element-count.ts';
import './ObjectResult.css';

interface ObjectResultProps {
  asked: Asked;
  answer: AnyObject;
  onAgain: () => void;
  onNote: (message: string) => void;
}

export function ObjectResult({ asked, answer, onAgain, onNote }: ObjectResultProps) {
  const { object, final, error, isLoading, finishReason } = answer;
  const [folding, setFolding] = useState({ round: 0, isUnfolded: true });
  const elementCount = useElementCount(asked.draft.isList ? answer.run : undefined);
  const sectionRef = useRef<HTMLElement>(null);
  const endRef = useRef<HTMLDivElement>(null);
  const rawText = rawTextOf(answer);
  useFollowEnd(endRef, isLoading, rawText.length);

  useEffect(() => {
    // On a phone the object starts below the fold.
    const section = sectionRef.current;
    if (section && section.getBoundingClientRect().top > visibleBottom() - 160)
      section.scrollIntoView({ block: 'start' });
  }, []);

  const fold = (isUnfolded: boolean): void => setFolding(({ round }) => ({ round: round + 1, isUnfolded }));

  return (
    <section ref={sectionRef} className="object-result" aria-labelledby="result-heading">
      <h2 id="result-heading" className="visually-hidden">
        Result
      </h2>
      <OutcomePanel asked={asked} answer={answer} elementCount={elementCount} />
      <div className="object-tools">
        {!isLoading && (
          <AgainButton label={error ? 'Try again' : 'Ask again'} waitMs={error?.retryAfterMs} onPress={onAgain} />
        )}
        {final !== undefined && <CopyButton text={JSON.stringify(final, null, 2)} onResult={onNote} />}
        {object !== undefined && (
          <div className="object-folding">
            <button type="button" className="button-quiet" onClick={() => fold(false)}>
              Fold all
            </button>
            <button type="button" className="button-quiet" onClick={() => fold(true)}>
              Unfold all
            </button>
          </div>
        )}
      </div>
      <div className="object-views">
        {/* Not a live region: every value would be read. The page's status says when it starts and ends. */}
        <section className="object-view" aria-labelledby="object-heading" aria-busy={isLoading}>
          <h2 id="object-heading">{final === undefined ? 'Object so far' : 'Object'}</h2>
          {object === undefined ? (
            <p className="object-none">{isLoading ? 'Nothing yet.' : 'There is none.'}</p>
          ) : (
            <ObjectTree
              key={folding.round}
              name={asked.draft.isList ? 'list' : 'object'}
              snapshot={answer}
              isUnfolded={folding.isUnfolded}
            />
          )}
          <div ref={endRef} />
        </section>
        <RawText
          text={rawText}
          place={error?.code === 'parse' ? error.place : undefined}
          isCut={!isLoading && rawText !== '' && (finishReason === 'aborted' || isCutBy(error?.code))}
        />
      </div>
    </section>
  );
}

/** What the model writes for the object: its text, or the input of the tool that takes the answer. */
function rawTextOf({ error, text, message }: AnyObject): string {
  const call = message.parts.findLast((part) => part.type === 'tool-call');
  return error?.partial?.rawText ?? call?.rawInput ?? text;
}

function isCutBy(code: string | undefined): boolean {
  return code === 'truncated' || code === 'network' || code === 'timeout';
}
