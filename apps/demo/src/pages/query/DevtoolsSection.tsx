import { lazy, Suspense, useState } from 'react';

const QueryDevtools = lazy(async () => ({ default: (await import('./QueryDevtools.tsx')).QueryDevtools }));

/** Open where there is room; elsewhere it costs nothing until it is opened. */
export function DevtoolsSection() {
  const [isOpen, setIsOpen] = useState(() => matchMedia('(min-width: 56.01rem)').matches);
  return (
    <details className="query-devtools" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>React Query devtools</summary>
      {isOpen && (
        <Suspense>
          <QueryDevtools />
        </Suspense>
      )}
    </details>
  );
}
