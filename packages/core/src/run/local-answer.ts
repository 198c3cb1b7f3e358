import type { StreamEvent } from '../types/event.ts';
import type { LocalProvider, ResolvedRequest } from '../providers/provider.ts';
import { checkedEvent } from './checked-event.ts';
import { createCallCompletion } from './complete-calls.ts';
import { onAbort } from '../utils/on-abort.ts';
import { createPageTurns } from '../utils/yield-to-main.ts';

/** Emits the events of a provider that generates its answers in the page, as it yields them; resolves at their end. */
export async function localAnswer(
  provider: LocalProvider,
  request: ResolvedRequest,
  signal: AbortSignal,
  over: AbortSignal,
  emit: (events: readonly StreamEvent[]) => void,
): Promise<void> {
  signal.throwIfAborted();
  if (over.aborted) return;
  const events = provider.generate(request, { signal })[Symbol.asyncIterator]();
  // Not awaited: a model that hangs must not hold up the end of the run.
  const close = (): void => void (async () => events.return?.())().catch(() => undefined);
  const listening = [onAbort(signal, close), onAbort(over, close)];
  try {
    // A run that is stopped in the task of its request generates nothing.
    await Promise.resolve();
    if (signal.aborted || over.aborted) return;
    const pageTurn = createPageTurns();
    const completeCalls = createCallCompletion();
    for (;;) {
      const { done, value } = await events.next();
      if (done || signal.aborted || over.aborted) return;
      emit(completeCalls([checkedEvent(value)]));
      await pageTurn();
    }
  } finally {
    for (const stopListening of listening) stopListening();
    close();
  }
}
