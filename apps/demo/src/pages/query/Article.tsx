import { LLMError } from '@rivulet/core';
import type { UseCompletionQueryResult } from '@rivulet/react/query';
import { useEffect, useRef, useState } from 'react';
import type { Mode } from '../../../shared/llm-endpoint.ts';
import { StreamedText } from '../../components/StreamedText.tsx';
import { describeEnd } from '../../components/describe-end.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { Reasoning } from '../../components/Reasoning.tsx';
import { RetryNotice } from '../../components/RetryNotice.tsx';
import '../../components/Answer.css';

interface ArticleProps {
  prompt: string;
  answer: UseCompletionQueryResult;
  mode: Mode;
}

/** The first place: all of the text. */
export function Article({ prompt, answer: { data, partial, error, isFetching }, mode }: ArticleProps) {
  const sectionRef = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the answer starts below the fold.
    const section = sectionRef.current;
    if (section && section.getBoundingClientRect().top > innerHeight - 160) section.scrollIntoView({ block: 'start' });
  }, []);

  // Another run writes another text; its end does not.
  const [runId, setRunId] = useState(partial?.id);
  if (partial && partial.id !== runId) setRunId(partial.id);

  const { text, reasoning, finishReason } = partial ?? data ?? { text: '', reasoning: '' };
  return (
    <section
      ref={sectionRef}
      className="answer query-article"
      aria-labelledby="article-heading"
      data-active={isFetching}
    >
      <div className="answer-rivulet" aria-hidden="true" />
      <h2 id="article-heading">The article</h2>
      <p className="answer-prompt">{prompt}</p>
      {/* Not a live region: every token would be read. The page's status says when it starts and ends. */}
      <div className="answer-text" aria-busy={isFetching}>
        {reasoning && <Reasoning text={reasoning} isComplete={!isFetching || text !== ''} />}
        <StreamedText key={runId} text={text} isComplete={!isFetching} />
        {partial?.retry && <RetryNotice retry={partial.retry} />}
        {isFetching && text === '' && <span className="answer-cursor" aria-hidden="true" />}
      </div>
      {error instanceof LLMError && <ErrorNotice error={error} mode={mode} hasText={text !== ''} />}
      {!isFetching && !error && finishReason !== undefined && (
        <p className="query-end" data-alarming={describeEnd(finishReason).isAlarming}>
          {describeEnd(finishReason).text}
        </p>
      )}
    </section>
  );
}
