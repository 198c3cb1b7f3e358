import { useCompletion } from '@rivulet/react';
import { useState } from 'react';
import type { LLMStatus } from '../../../shared/llm-endpoint.ts';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import { announce } from './announce.ts';
import { Answer } from './Answer.tsx';
import type { Asked } from './asked.ts';
import { Composer } from './Composer.tsx';
import { EmptyState } from './EmptyState.tsx';
import { Gauge } from './Gauge.tsx';
import { ModelSettings, type Settings } from './ModelSettings.tsx';
import { Suggestions } from './Suggestions.tsx';
import { useEscape } from './use-escape.ts';
import './CompletionPage.css';

export function CompletionPage({ status }: { status: LLMStatus }) {
  const [settings, setSettings] = useState<Settings>({ model: status.models[0]?.id ?? '', temperature: 0.7 });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const generation = useCompletion(settings);
  const { complete, stop, setInput, isLoading } = generation;
  useEscape(stop, isLoading);

  const ask = (prompt: string): void => {
    setAsked((previous) => ({ id: (previous?.id ?? 0) + 1, prompt, atMs: performance.now() }));
    setNote(null);
    void complete(prompt);
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
        <ModelSettings status={status} settings={settings} onChange={setSettings} />
        <Suggestions mode={status.mode} onChoose={askSuggestion} />
      </div>
      <div className="completion-output">
        <Gauge key={`gauge-${asked?.id ?? 0}`} asked={asked} generation={generation} />
        {asked ? (
          <Answer
            key={`answer-${asked.id}`}
            asked={asked}
            generation={generation}
            mode={status.mode}
            onAgain={() => ask(asked.prompt)}
            onNote={setNote}
          />
        ) : (
          <EmptyState />
        )}
      </div>
    </div>
  );
}
