import { loadChunk } from '../transport/load-chunk.ts';
import type { checkedEvent } from './checked-event.ts';
import type { createCallCompletion } from './complete-calls.ts';

interface EventChecks {
  readonly checkedEvent: typeof checkedEvent;
  readonly createCallCompletion: typeof createCallCompletion;
}

let checks: EventChecks | undefined;

/**
 * Loads what checks the events of providers that generate them in the page. Clients of a server do without it.
 * @throws {LLMError} (as a rejection) with code `network` if it cannot be loaded.
 */
export async function loadEventChecks(): Promise<EventChecks> {
  checks ??= await loadChunk(() => import('./local-checks.ts'), 'models in the page');
  return checks;
}
