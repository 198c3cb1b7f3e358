import { type CompletionQueryOptions } from '@rivulet/react/query';
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import './TopicList.css';

interface TopicListProps {
  topics: readonly string[];
  chosen: string | undefined;
  optionsFor: (topic: string) => CompletionQueryOptions;
  onChoose: (topic: string) => void;
}

/** Asks for what is pointed at, so that it has come a long way, or is there, when it is opened. */
export function TopicList({ topics, chosen, optionsFor, onChoose }: TopicListProps) {
  const queryClient = useQueryClient();
  return (
    <section className="topic-list" aria-labelledby="topics-heading">
      <h2 id="topics-heading">Open one of these</h2>
      <p id="topics-help">
        Pointing at one, or moving the focus to it, asks for it already. What is in the cache is not asked for again.
      </p>
      <ul>
        {topics.map((topic) => {
          const options = optionsFor(topic);
          const prefetch = (): void => void queryClient.prefetchQuery(options);
          return (
            <li key={topic}>
              <button
                type="button"
                aria-pressed={topic === chosen}
                aria-describedby="topics-help"
                onPointerEnter={prefetch}
                onFocus={prefetch}
                onClick={() => onChoose(topic)}
              >
                {topic} <CacheMark queryKey={options.queryKey} />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Reads the cache without asking for anything. */
function CacheMark({ queryKey }: { queryKey: QueryKey }) {
  const queryClient = useQueryClient();
  const subscribe = useCallback(
    (listener: () => void) => queryClient.getQueryCache().subscribe(listener),
    [queryClient],
  );
  const mark = useSyncExternalStore(subscribe, () => {
    const state = queryClient.getQueryState(queryKey);
    if (state?.fetchStatus === 'fetching') return 'coming';
    return state?.status === 'success' ? 'in the cache' : state?.status === 'error' ? 'failed' : '';
  });
  return <span className="topic-mark">{mark}</span>;
}
