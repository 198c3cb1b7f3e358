import { lazy, Suspense } from 'react';
import type { PageProps } from '../page-props.ts';

const ChatPage = lazy(async () => ({ default: (await import('./ChatPage.tsx')).ChatPage }));

/** The other pages do not wait for what only this one needs. */
export function LazyChatPage(props: PageProps) {
  return (
    <Suspense fallback={<p>Loading the chat …</p>}>
      <ChatPage {...props} />
    </Suspense>
  );
}
