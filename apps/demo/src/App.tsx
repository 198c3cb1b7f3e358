import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { LLMClientProvider } from '@rivulet/react';
import { useState } from 'react';
import { LLM_BASE_PATH } from '../shared/llm-endpoint.ts';
import { Header } from './components/Header.tsx';
import { SkipLink } from './components/SkipLink.tsx';
import { useLLMStatus } from './components/use-llm-status.ts';
import { pages, usePage } from './pages/pages.ts';
import './App.css';

function createClient(): LLMClient {
  // The page has no key: the server behind this path adds it, or answers with the offline model.
  const baseURL = new URL(LLM_BASE_PATH, location.origin).href;
  return new LLMClient({
    provider: openai({ baseURL }),
    // A longer wait is shown as a countdown instead of being sat out in silence.
    retry: { maxDelayMs: 8000 },
  });
}

export function App() {
  const [client] = useState(createClient);
  const status = useLLMStatus();
  const page = usePage();

  return (
    <LLMClientProvider client={client}>
      <SkipLink />
      <Header pages={pages} current={page} status={status} />
      <main id="main" tabIndex={-1}>
        {status.state === 'failed' ? (
          <p className="app-notice">
            The dev server does not answer at <code>{LLM_BASE_PATH}</code>. Start the demo with <code>pnpm dev</code>{' '}
            and reload.
          </p>
        ) : (
          status.state === 'ready' && <page.Page status={status.value} />
        )}
      </main>
    </LLMClientProvider>
  );
}
