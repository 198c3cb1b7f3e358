import { lazy, Suspense } from 'react';
import type { PageProps } from '../page-props.ts';

// The schemas and the form library are of no use to the other pages.
const FormPage = lazy(() => import('./FormPage.tsx'));

export function LazyFormPage(props: PageProps) {
  return (
    <Suspense fallback={<p>Loading the form…</p>}>
      <FormPage {...props} />
    </Suspense>
  );
}
