import { useCompletion, useEscape } from '@rivulet/react';
import { useState } from 'react';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import type { PageProps } from '../page-props.ts';
import { announce } from './announce.ts';
import { Answer } from './Answer.tsx';
import type { Asked } from './submission.ts';
import { Composer } from './Composer.tsx';
import { EmptyState } from './EmptyState.tsx';
import { Gauge } from './Gauge.tsx';
import { ModelSettings, type Settings } from '../../components/ModelSettings.tsx';
import { Suggestions } from './Suggestions.tsx';
import './CompletionPage.css';

export function CompletionPage({ providers, provider, onProvider }: PageProps) {
  const [chosen, setChosen] = useState<Settings>({ model: '', temperature: 0.7 });
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosen.model) ?? provider.models[0] ?? {};
  const settings: Settings = { ...chosen, model };
  const [asked, setAsked] = useState<Asked | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const generation = useCompletion(settings);
  const { complete, stop, setInput, isLoading } = generation;
  useEscape(isLoading ? stop : undefined);

  const ask = (prompt: string): void => {
    setAsked((previous) => ({ id: (previous?.id ?? 0) + 1, prompt, mode: provider.mode, atMs: performance.now() }));
    setNote(null);
    void complete(prompt);
  };
  const askAgain = (prompt: string): void => {
    // The button that was pressed goes; the one that stops what it started is there.
    document.getElementById('submit')?.focus({ preventScroll: true });
    ask(prompt);
  };
  const askSuggestion = (prompt: string): void => {
    setInput(prompt);
    ask(prompt);
  };

  return (
    <div className="completion-page">
      <h1 className="visually-hidden">Completion playground</h1>
      <LiveRegion message={(isLoading ? null : note) ?? announce(generation)} />
      <div className="completion-desk">
        <Composer generation={generation} onAsk={ask} />
        <ModelSettings
          providers={providers}
          provider={provider}
          settings={settings}
          onProvider={onProvider}
          onChange={setChosen}
        />
        <Suggestions mode={provider.mode} onChoose={askSuggestion} />
      </div>
      <div className="completion-output">
        <Gauge key={`gauge-${asked?.id ?? 0}`} asked={asked} generation={generation} />
        {asked ? (
          <Answer
            key={`answer-${asked.id}`}
            asked={asked}
            generation={generation}
            onAgain={() => askAgain(asked.prompt)}
            onNote={setNote}
          />
        ) : (
          <EmptyState />
        )}
      </div>
    </div>
  );
}
