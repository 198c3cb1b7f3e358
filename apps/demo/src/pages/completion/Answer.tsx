import type { UseCompletionResult } from '@rivulet/react';
import { useEffect, useRef } from 'react';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Rivulet } from '../../components/Rivulet.tsx';
import { StreamedText } from '../../components/StreamedText.tsx';
import { visibleBottom } from '../../components/visible-bottom.ts';
import { AgainButton } from '../../components/AgainButton.tsx';
import type { Asked } from './submission.ts';
import { describeEnd } from '../../components/describe-end.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { Reasoning } from '../../components/Reasoning.tsx';
import { RetryNotice } from '../../components/RetryNotice.tsx';
import { useFollowEnd } from '../../components/use-follow-end.ts';
import '../../components/Answer.css';

interface AnswerProps {
  asked: Asked;
  generation: UseCompletionResult;
  onAgain: () => void;
  onNote: (message: string) => void;
}

export function Answer({ asked, generation, onAgain, onNote }: AnswerProps) {
  const { completion, reasoning, isLoading, retry, error, finishReason } = generation;
  const sectionRef = useRef<HTMLElement>(null);
  const endRef = useRef<HTMLDivElement>(null);
  useFollowEnd(endRef, isLoading, completion.length + reasoning.length);

  useEffect(() => {
    // On a phone the answer starts below the fold.
    const section = sectionRef.current;
    if (section && section.getBoundingClientRect().top > visibleBottom() - 160)
      section.scrollIntoView({ block: 'start' });
  }, []);

  return (
    <section ref={sectionRef} className="answer" aria-labelledby="answer-heading" data-active={isLoading}>
      <Rivulet isFlowing={isLoading} />
      <h2 id="answer-heading" className="visually-hidden">
        Answer
      </h2>
      <p className="answer-prompt">{asked.prompt}</p>
      {/* Not a live region: every token would be read. The page's status says when it starts and ends. */}
      <div className="answer-text" aria-busy={isLoading}>
        {reasoning && <Reasoning text={reasoning} isComplete={!isLoading || completion !== ''} />}
        <StreamedText text={completion} isComplete={!isLoading} />
        {retry && <RetryNotice retry={retry} />}
        {isLoading && completion === '' && <span className="answer-cursor" aria-hidden="true" />}
        {!isLoading && !error && completion === '' && finishReason !== undefined && (
          <p className="answer-none">No text came.</p>
        )}
      </div>
      <div ref={endRef}>
        {error && <ErrorNotice error={error} mode={asked.mode} hasText={completion !== ''} />}
        <footer className="answer-foot">
          {!isLoading && !error && <AgainButton label="Ask again" onPress={onAgain} />}
          {error && <AgainButton label="Try again" waitMs={error.retryAfterMs} onPress={onAgain} />}
          {completion !== '' && <CopyButton text={completion} onResult={onNote} />}
          {!isLoading && !error && finishReason !== undefined && (
            <p className="answer-end" data-alarming={describeEnd(finishReason).isAlarming}>
              {describeEnd(finishReason).text}
            </p>
          )}
        </footer>
      </div>
    </section>
  );
}
