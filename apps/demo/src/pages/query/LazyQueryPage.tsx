import { lazy, Suspense } from 'react';
import type { PageProps } from '../page-props.ts';

// React Query and its devtools are for this page alone.
const QueryPage = lazy(async () => ({ default: (await import('./QueryPage.tsx')).QueryPage }));

export function LazyQueryPage(props: PageProps) {
  return (
    <Suspense fallback={<h1 className="visually-hidden">Query playground</h1>}>
      <QueryPage {...props} />
    </Suspense>
  );
}
