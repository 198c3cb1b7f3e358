import { loadChunk } from '../load-chunk.ts';
import type { checkedEvent } from './checked-event.ts';

interface EventChecks {
  readonly checkedEvent: typeof checkedEvent;
}

let checks: EventChecks | undefined;

/**
 * Loads what checks the events of providers that generate them in the page. Clients of a server do without it.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadEventChecks(): Promise<EventChecks> {
  checks ??= await loadChunk(() => import('./checked-event.ts'), 'models in the page');
  return checks;
}
