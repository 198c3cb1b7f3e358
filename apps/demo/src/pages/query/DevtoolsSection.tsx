import { lazy, Suspense, useState } from 'react';
import { DevtoolsBoundary } from './DevtoolsBoundary.tsx';
import { isReadableLanguage } from './is-readable-language.ts';

const QueryDevtools = lazy(async () => ({ default: (await import('./QueryDevtools.tsx')).QueryDevtools }));

/** Open where there is room; elsewhere it costs nothing until it is opened. */
export function DevtoolsSection() {
  const [isOpen, setIsOpen] = useState(() => matchMedia('(min-width: 56.01rem)').matches);
  return (
    <details className="query-devtools" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>React Query devtools</summary>
      {isOpen && <Devtools language={navigator.language} />}
    </details>
  );
}

function Devtools({ language }: { readonly language: string }) {
  if (!isReadableLanguage(language)) {
    return (
      <p className="query-devtools-note">
        The devtools cannot read this browser’s language, “{language}”. Set a language such as “en-US” to use them.
      </p>
    );
  }
  return (
    <DevtoolsBoundary>
      <Suspense>
        <QueryDevtools />
      </Suspense>
    </DevtoolsBoundary>
  );
}
