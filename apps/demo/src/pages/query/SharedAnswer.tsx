import { useEscape } from '@rivulet/react';
import { useCompletionQuery, type CompletionQueryOptions } from '@rivulet/react/query';
import { useEffect } from 'react';
import type { Mode } from '../../../shared/llm-endpoint.ts';
import { announce } from './announce.ts';
import { Article } from './Article.tsx';
import { Margin } from './Sidebar.tsx';

interface PlacesProps {
  prompt: string;
  options: CompletionQueryOptions;
  attempt: number;
  /** How many answers there are to choose from. */
  attempts: number;
  mode: Mode;
  onAttempt: (attempt: number) => void;
  onMessage: (message: string) => void;
}

/** The same answer in two places. */
export function Places({ prompt, options, attempt, attempts, mode, onAttempt, onMessage }: PlacesProps) {
  const answer = useCompletionQuery(options);
  const { isFetching, data, stop, refetch } = answer;
  useEscape(isFetching ? stop : undefined);

  const message = announce(answer);
  useEffect(() => onMessage(message), [message, onMessage]);

  return (
    <>
      <div className="query-actions">
        {/* One button, so that the focus stays where it is. */}
        <button
          type="button"
          className="button-quiet"
          onClick={isFetching ? stop : data ? () => onAttempt(attempts) : () => void refetch()}
        >
          {isFetching ? 'Stop' : data ? 'Another answer' : 'Try again'}
        </button>
        {attempts > 1 && (
          <span className="query-attempts">
            {Array.from({ length: attempts }, (_, index) => (
              <button
                key={index}
                type="button"
                className="button-quiet"
                aria-label={`Answer ${index + 1}`}
                aria-pressed={index === attempt}
                onClick={() => onAttempt(index)}
              >
                {index + 1}
              </button>
            ))}
          </span>
        )}
      </div>
      <div className="query-places">
        <Article key={`${options.queryKey[2].id} ${attempt}`} prompt={prompt} answer={answer} mode={mode} />
        <Margin options={options} />
      </div>
    </>
  );
}
