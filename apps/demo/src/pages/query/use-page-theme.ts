import { useSyncExternalStore } from 'react';
import type { Theme } from '../../components/use-theme.ts';

/** The theme that the page shows, whoever sets it. */
export function usePageTheme(): Theme {
  return useSyncExternalStore(subscribe, () =>
    document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light',
  );
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
