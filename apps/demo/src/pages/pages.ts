import { useSyncExternalStore, type ComponentType } from 'react';
import { BatchPage } from './batch/BatchPage.tsx';
import { LazyChatPage } from './chat/LazyChatPage.tsx';
import { CompletionPage } from './completion/CompletionPage.tsx';
import { ObjectPage } from './object/ObjectPage.tsx';
import { LazyFormPage } from './form/LazyFormPage.tsx';
import type { PageProps } from './page-props.ts';
import { LazyQueryPage } from './query/LazyQueryPage.tsx';

export interface PageEntry {
  path: string;
  title: string;
  Page: ComponentType<PageProps>;
}

const completionPage: PageEntry = { path: 'completion', title: 'Completion', Page: CompletionPage };

export const pages: readonly PageEntry[] = [
  completionPage,
  { path: 'chat', title: 'Chat', Page: LazyChatPage },
  { path: 'object', title: 'Object', Page: ObjectPage },
  { path: 'form', title: 'Form', Page: LazyFormPage },
  { path: 'batch', title: 'Batch', Page: BatchPage },
  { path: 'query', title: 'Query', Page: LazyQueryPage },
];

/** The page that the address names (`#/completion`), or the first one. */
export function usePage(): PageEntry {
  const hash = useSyncExternalStore(subscribeToHash, () => location.hash);
  return pages.find(({ path }) => hash === `#/${path}`) ?? completionPage;
}

function subscribeToHash(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
