import { useEscape } from '@rivulet/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import { ModelSettings, type Settings } from '../../components/ModelSettings.tsx';
import type { PageProps } from '../page-props.ts';
import { announce } from './announce.ts';
import type { Asked } from './submission.ts';
import { compileSchema } from './compile-schema.ts';
import type { Draft } from './draft.ts';
import { ENDINGS, promptWith, type Ending } from './failure-prompts.ts';
import { ObjectForm } from './ObjectForm.tsx';
import { ObjectResult } from './ObjectResult.tsx';
import { ObjectSamples } from './ObjectSamples.tsx';
import { ObjectStart } from './ObjectStart.tsx';
import { SAMPLES, type Sample } from './samples.ts';
import { useAnyObject } from './use-any-object.ts';
import './ObjectPage.css';

export function ObjectPage({ providers, provider, onProvider }: PageProps) {
  const [draft, setDraft] = useState<Draft>(SAMPLES[0]);
  const [chosenEnding, setEnding] = useState<Ending>(ENDINGS[0]);
  const canEnd = provider.mode !== 'provider';
  const ending = canEnd ? chosenEnding : ENDINGS[0];
  const [hasRepair, setHasRepair] = useState(false);
  const [chosen, setChosen] = useState<Settings>({ model: '', temperature: 0.7 });
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosen.model) ?? provider.models[0] ?? {};
  const settings = useMemo((): Settings => ({ ...chosen, model }), [chosen, model]);

  const [asked, setAsked] = useState<Asked | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [promptProblem, setPromptProblem] = useState<string | null>(null);
  const schemaProblem = useSchemaProblem(draft.schemaText);
  const answer = useAnyObject(asked, hasRepair ? 1 : 0);
  const { submit, stop, isLoading } = answer;
  useEscape(isLoading ? stop : undefined);

  const attempt = useRef(0);
  const ask = useCallback(
    async (wanted: Draft, wantedEnding: Ending): Promise<void> => {
      attempt.current += 1;
      const mine = attempt.current;
      setNote(null);
      const compiled = await compileSchema(wanted.schemaText);
      if (mine !== attempt.current) return;
      if (compiled.problem !== null) {
        document.getElementById('schema')?.focus();
        return setNote(compiled.problem);
      }
      if (wanted.prompt.trim() === '') {
        setPromptProblem('There is nothing to ask yet: write a prompt, or take a sample.');
        document.getElementById('prompt')?.focus();
        return;
      }
      const { schema, jsonSchema } = compiled;
      // The hook takes the schema of the latest render.
      flushSync(() => {
        setPromptProblem(null);
        setAsked({ id: mine, draft: wanted, ending: wantedEnding, schema, jsonSchema, mode: provider.mode });
      });
      void submit({ ...settings, prompt: promptWith(wanted.prompt, wantedEnding) });
    },
    [submit, settings, provider.mode],
  );

  const askDraft = useCallback(() => void ask(draft, ending), [ask, draft, ending]);
  const changeDraft = useCallback((next: Draft) => {
    setDraft(next);
    if (next.prompt.trim() !== '') setPromptProblem(null);
  }, []);
  const trySample = useCallback(
    (sample: Sample) => {
      setDraft(sample);
      setPromptProblem(null);
      void ask(sample, ending);
    },
    [ask, ending],
  );
  const askAgain = (): void => {
    if (!asked) return;
    // The button that was pressed goes; the one that stops what it started is there.
    document.getElementById('submit')?.focus({ preventScroll: true });
    void ask(asked.draft, asked.ending);
  };

  return (
    <div className="object-page">
      <h1 className="visually-hidden">Object inspector</h1>
      <LiveRegion message={(isLoading ? null : note) ?? announce(answer)} />
      <div className="object-desk">
        <ObjectSamples onChoose={trySample} />
        <ObjectForm
          draft={draft}
          ending={ending}
          hasRepair={hasRepair}
          canEnd={canEnd}
          isBusy={isLoading}
          schemaProblem={schemaProblem}
          promptProblem={promptProblem}
          onDraft={changeDraft}
          onEnding={setEnding}
          onRepair={setHasRepair}
          onAsk={askDraft}
          onStop={stop}
        />
        <ModelSettings
          providers={providers}
          provider={provider}
          settings={settings}
          onProvider={onProvider}
          onChange={setChosen}
        />
      </div>
      <div className="object-output">
        {asked ? (
          <ObjectResult key={asked.id} asked={asked} answer={answer} onAgain={askAgain} onNote={setNote} />
        ) : (
          <ObjectStart />
        )}
      </div>
    </div>
  );
}

/** What is wrong with the schema as it is typed; `null` while it is fine. */
function useSchemaProblem(schemaText: string): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isGone = false;
    const check = async (): Promise<void> => {
      const { problem: found } = await compileSchema(schemaText);
      if (!isGone) setProblem(found);
    };
    void check();
    return () => {
      isGone = true;
    };
  }, [schemaText]);
  return problem;
}
