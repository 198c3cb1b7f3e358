import { useBatch, useEscape } from '@rivulet/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { LiveRegion } from '../../components/LiveRegion.tsx';
import { ModelSettings, type Settings } from '../../components/ModelSettings.tsx';
import type { PageProps } from '../page-props.ts';
import { announce } from './announce.ts';
import type { Asked } from './submission.ts';
import { BatchForm } from './BatchForm.tsx';
import { BatchResults } from './BatchResults.tsx';
import { BatchStart } from './BatchStart.tsx';
import { describeStorageProblem } from './describe-storage-problem.ts';
import { KeepField } from './KeepField.tsx';
import { defaultTemplate, FAULT_LINES, FAULT_TEMPLATE, SAMPLE, SAMPLE_TEMPLATE } from './sample.ts';
import { Samples } from './Samples.tsx';
import { openSavedBatch } from './saved-batch.ts';
import { tableOfLines, type Table } from './table.ts';
import { fillTemplate } from './template.ts';
import './BatchPage.css';

/** Longer than for a single answer: the page shows the wait, and a batch that goes on by itself is worth it. */
const RETRY = { maxDelayMs: 60_000 };

export function BatchPage({ providers, provider, onProvider }: PageProps) {
  const [saved] = useState(openSavedBatch);
  const [restored] = useState(() => saved?.load() ?? null);
  const isFile = restored?.table.name !== undefined;
  const [lines, setLines] = useState(() =>
    isFile ? '' : (restored?.table.rows ?? []).map(([line]) => line).join('\n'),
  );
  const [file, setFile] = useState<Table | null>(isFile ? restored.table : null);
  const table = useMemo(() => file ?? tableOfLines(lines), [file, lines]);
  const [template, setTemplate] = useState(() => restored?.template ?? defaultTemplate(['line']));
  const [chosen, setChosen] = useState<Settings>({
    model: restored?.model ?? '',
    temperature: restored ? restored.temperature : 0.7,
  });
  // Not every provider has the model that was chosen at another one.
  const { id: model = '' } = provider.models.find(({ id }) => id === chosen.model) ?? provider.models[0] ?? {};
  const settings: Settings = { ...chosen, model };
  const [concurrency, setConcurrency] = useState(restored?.concurrency ?? 5);

  const [isKept, setIsKept] = useState(restored !== null);
  const [kept, setKept] = useState(() => saved?.countAnswers() ?? 0);
  const [storageProblem, setStorageProblem] = useState<string | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  /** The results when the failed ones began to be asked for again. */
  const [before, setBefore] = useState<ReturnType<typeof useBatch>['results'] | null>(null);

  const settle = (): void => {
    saved?.setUnderWay(false);
    setKept(saved?.countAnswers() ?? 0);
  };
  const batch = useBatch({
    concurrency,
    retry: RETRY,
    checkpoints: isKept ? saved?.checkpoints : undefined,
    onCheckpointError: (error) => setStorageProblem(describeStorageProblem(error.cause)),
    onFinish: settle,
    onError: settle,
  });
  const isBusy = batch.status === 'submitted' || batch.status === 'streaming';

  const keep = (work: () => void): void => {
    if (!isKept) return;
    try {
      work();
    } catch (error) {
      setStorageProblem(describeStorageProblem(error));
    }
  };

  const run = (nextTable: Table, nextTemplate: string): void => {
    const next: Asked = {
      id: (asked?.id ?? 0) + 1,
      table: nextTable,
      template: nextTemplate,
      ...settings,
      concurrency,
      providerId: provider.id,
    };
    setAsked(next);
    setBefore(null);
    setNote(null);
    setStorageProblem(null);
    keep(() => {
      saved?.save(next);
      saved?.setUnderWay(true);
    });
    void batch.run(
      nextTable.rows.map((row) => ({ ...settings, prompt: fillTemplate(nextTemplate, nextTable.columns, row) })),
    );
  };

  const stop = (): void => {
    batch.stop();
    settle();
  };
  useEscape(isBusy ? stop : undefined);

  const retryFailed = (): void => {
    setBefore(batch.results);
    setNote(null);
    keep(() => saved?.setUnderWay(true));
    void batch.retryFailed();
  };

  const hasResumed = useRef(false);
  useEffect(() => {
    if (hasResumed.current || !restored || !saved?.isUnderWay()) return;
    const former = providers.find(({ id }) => id === restored.providerId);
    if (former && former.id !== provider.id) return onProvider(former);
    hasResumed.current = true;
    // What the page before was at goes on, once: it is the page that was reloaded, not this render, that asked for it.
    // oxlint-disable-next-line react/set-state-in-effect
    if (former) run(restored.table, restored.template);
  });

  // Kept from one render to the next, so that the form's long text is not rendered with each progress.
  const chooseFile = useCallback(
    (next: Table | null): void => {
      const isUntouched = template === defaultTemplate(table.columns) || template === SAMPLE_TEMPLATE;
      if (isUntouched) setTemplate(defaultTemplate(next?.columns ?? ['line']));
      setFile(next);
    },
    [template, table],
  );

  const trySample = (): void => {
    setFile(SAMPLE);
    setTemplate(SAMPLE_TEMPLATE);
    focusRun();
    run(SAMPLE, SAMPLE_TEMPLATE);
  };
  const tryFaults = (): void => {
    setFile(null);
    setLines(FAULT_LINES);
    setTemplate(FAULT_TEMPLATE);
    focusRun();
    run(tableOfLines(FAULT_LINES), FAULT_TEMPLATE);
  };

  const toggleKept = (isOn: boolean): void => {
    setIsKept(isOn);
    setStorageProblem(null);
    if (!isOn) saved?.drop();
  };
  const forget = (): void => {
    void saved?.checkpoints.clear();
    saved?.drop();
    setKept(0);
    setNote('The kept answers are forgotten.');
    // The button that was pressed goes.
    document.getElementById('keep')?.focus();
  };

  return (
    <div className="batch-page">
      <h1 className="visually-hidden">Batch playground</h1>
      <LiveRegion message={(isBusy ? null : note) ?? announce(batch, before !== null)} />
      <div className="batch-desk">
        <BatchForm
          lines={lines}
          file={file}
          table={table}
          template={template}
          concurrency={concurrency}
          isBusy={isBusy}
          onLines={setLines}
          onFile={chooseFile}
          onTemplate={setTemplate}
          onConcurrency={setConcurrency}
          onRun={() => run(table, template)}
          onStop={stop}
        />
        <ModelSettings
          providers={providers}
          provider={provider}
          settings={settings}
          onProvider={onProvider}
          onChange={setChosen}
        />
        <KeepField
          isPossible={saved !== null}
          isOn={isKept}
          kept={kept}
          isBusy={isBusy}
          problem={storageProblem}
          onChange={toggleKept}
          onForget={forget}
        />
        {asked && <Samples mode={provider.mode} onSample={trySample} onFaults={tryFaults} />}
      </div>
      <div className="batch-output">
        {asked ? (
          <BatchResults
            key={asked.id}
            asked={asked}
            batch={batch}
            isBusy={isBusy}
            before={before}
            onRetry={() => {
              focusRun();
              retryFailed();
            }}
          />
        ) : (
          <BatchStart mode={provider.mode} onSample={trySample} onFaults={tryFaults} />
        )}
      </div>
    </div>
  );
}

/** The button that was pressed goes; the one that stops what it started is there. */
function focusRun(): void {
  document.getElementById('run')?.focus({ preventScroll: true });
}
