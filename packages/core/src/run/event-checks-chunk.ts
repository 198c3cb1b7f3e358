import { lazyChunk, type LazyChunk } from '../lazy-chunk.ts';
import type { checkedEvent } from './checked-event.ts';
import type { createCallCompletion } from './complete-calls.ts';

interface EventChecks {
  readonly checkedEvent: typeof checkedEvent;
  readonly createCallCompletion: typeof createCallCompletion;
}

/** What checks the events of providers that generate them in the page. Clients of a server do without it. */
export const eventChecksChunk: LazyChunk<EventChecks> = lazyChunk(
  () => import('./local-checks.ts'),
  'models in the page',
);
