import { LLMClient, observeRuns } from '@rivulet/core';
import { LLMClientProvider } from '@rivulet/react';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { LLM_BASE_PATH, type ProviderInfo } from '../shared/llm-endpoint.ts';
import { Header } from './components/Header.tsx';
import { SkipLink } from './components/SkipLink.tsx';
import type { ModelSource } from './models/model-source.ts';
import { useModelSource } from './models/use-model-source.ts';
import { pages, usePage } from './pages/pages.ts';
import { RunDrawer } from './runs/RunDrawer.tsx';
import { createRunLog, type RunLog } from './runs/run-log.ts';
import { useShortcut } from './runs/use-shortcut.ts';
import './App.css';

export function App() {
  const source = useModelSource();
  const [chosen, setChosen] = useState<ProviderInfo>();
  const page = usePage();
  const [log] = useState(() => createRunLog());
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const toggleDrawer = useCallback(() => setIsDrawerOpen((isOpen) => !isOpen), []);
  useShortcut('A', toggleDrawer);
  const provider = chosen ?? (source.state === 'ready' ? source.value.providers[0] : undefined);

  return (
    <>
      <SkipLink />
      <Header
        pages={pages}
        current={page}
        provider={provider}
        isDrawerOpen={isDrawerOpen}
        onToggleDrawer={toggleDrawer}
      />
      <main id="main" tabIndex={-1}>
        {source.state === 'failed' && (
          <p className="app-failed">
            The dev server does not answer at <code>{LLM_BASE_PATH}</code>. Start the demo with <code>pnpm dev</code>{' '}
            and reload.
          </p>
        )}
        {source.state === 'ready' && provider && (
          <Connected source={source.value} provider={provider} log={log}>
            {source.value.notice !== undefined && <p className="app-notice">{source.value.notice}</p>}
            <page.Page providers={source.value.providers} provider={provider} onProvider={setChosen} />
          </Connected>
        )}
      </main>
      {isDrawerOpen && <RunDrawer log={log} onClose={toggleDrawer} />}
    </>
  );
}

interface ConnectedProps {
  source: ModelSource;
  provider: ProviderInfo;
  /** Is told of every run, whichever page makes it. */
  log: RunLog;
  children: ReactNode;
}

function Connected({ source, provider, log, children }: ConnectedProps) {
  const client = useMemo(
    () =>
      new LLMClient({
        provider: source.connect(provider),
        // A longer wait is shown as a countdown instead of being sat out in silence.
        retry: { maxDelayMs: 8000 },
        observe: observeRuns(log.listen),
      }),
    [source, provider, log],
  );
  return <LLMClientProvider client={client}>{children}</LLMClientProvider>;
}
