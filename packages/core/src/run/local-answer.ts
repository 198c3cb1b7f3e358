import type { StreamEvent } from '../event.ts';
import type { LocalProvider, ResolvedRequest } from '../providers/provider.ts';
import { eventChecksChunk } from './event-checks-chunk.ts';
import type { PageTurn } from './page-turns.ts';

/** Emits the events of a provider that generates its answers in the page, as it yields them; resolves at their end. */
export async function localAnswer(
  provider: LocalProvider,
  request: ResolvedRequest,
  signal: AbortSignal,
  over: AbortSignal,
  pageTurn: PageTurn,
  emit: (events: readonly StreamEvent[]) => void,
): Promise<void> {
  signal.throwIfAborted();
  if (over.aborted) return;
  const events = provider.generate(request, { signal })[Symbol.asyncIterator]();
  // Not awaited: a model that hangs must not hold up the end of the run.
  const close = (): void => void (async () => events.return?.())().catch(() => undefined);
  signal.addEventListener('abort', close);
  over.addEventListener('abort', close);
  try {
    // The model has begun: only its first event waits for the code.
    const { checkedEvent, createCallCompletion } = await eventChecksChunk.load();
    const completeCalls = createCallCompletion();
    for (;;) {
      const { done, value } = await events.next();
      if (done || signal.aborted || over.aborted) return;
      emit(completeCalls([checkedEvent(value)]));
      await pageTurn();
    }
  } finally {
    signal.removeEventListener('abort', close);
    over.removeEventListener('abort', close);
    close();
  }
}
