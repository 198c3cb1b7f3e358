import { completionQueryOptions, type CompletionQueryOptions } from '@rivulet/react/query';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import { ModelSettings, type Settings } from '../../components/ModelSettings.tsx';
import type { PageProps } from '../page-props.ts';
import { DevtoolsSection } from './DevtoolsSection.tsx';
import { Places } from './SharedAnswer.tsx';
import { queryClient } from './query-client.ts';
import { TopicList } from './TopicList.tsx';
import { topicsFor } from './topics.ts';
import { useCountedClient } from './use-counted-client.ts';
import './QueryPage.css';

export function QueryPage({ providers, provider, onProvider }: PageProps) {
  const { client, requests } = useCountedClient();
  const [chosen, setChosen] = useState<Settings>({ model: '', temperature: 0.7 });
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosen.model) ?? provider.models[0] ?? {};
  const settings: Settings = { ...chosen, model };
  const [topic, setTopic] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const [attempts, setAttempts] = useState(1);
  const [message, setMessage] = useState('');

  const optionsFor = (prompt: string, number = 0): CompletionQueryOptions =>
    completionQueryOptions(client, { ...settings, prompt }, { attempt: number });

  const show = (next: number): void => {
    setAttempt(next);
    setAttempts(Math.max(attempts, next + 1));
  };
  const open = (next: string): void => {
    setTopic(next);
    setAttempt(0);
    setAttempts(1);
  };

  return (
    <QueryClientProvider client={queryClient}>
      <div className="query-page">
        <h1 className="visually-hidden">Query playground</h1>
        <LiveRegion message={message} />
        <div className="query-desk">
          <TopicList topics={topicsFor(provider.mode)} chosen={topic} optionsFor={optionsFor} onChoose={open} />
          <ModelSettings
            providers={providers}
            provider={provider}
            settings={settings}
            onProvider={onProvider}
            onChange={setChosen}
          />
          <p className="query-count">
            Requests sent: <strong>{requests}</strong>
          </p>
        </div>
        <div className="query-output">
          {topic === undefined ? (
            <p className="query-start">
              The article and its margin are two components. Each asks for the same answer, and one request serves both.
              Below are React Query’s own devtools: while the answer comes, the query is pending and has no data; the
              cache only ever gets the whole.
            </p>
          ) : (
            <Places
              prompt={topic}
              options={optionsFor(topic, attempt)}
              attempt={attempt}
              attempts={attempts}
              mode={provider.mode}
              onAttempt={show}
              onMessage={setMessage}
            />
          )}
          <DevtoolsSection />
        </div>
      </div>
    </QueryClientProvider>
  );
}
