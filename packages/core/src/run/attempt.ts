import { LLMError, truncatedError } from '../error.ts';
import { isContent, type StreamEvent } from '../event.ts';
import { createDeadlines } from '../http/deadlines.ts';
import type { Ending, Provider } from '../providers/provider.ts';
import type { TimeoutOptions } from '../request.ts';
import { abortable } from './abortable.ts';
import { createPageTurns } from './page-turns.ts';
import { answer, type AnswerOptions } from './answer.ts';
import type { RunControl } from './run.ts';

export interface AttemptOptions extends Omit<AnswerOptions, 'provider'> {
  readonly provider: Provider;
  readonly timeout: TimeoutOptions;
  /** Reads the calls of tools in an event. Without it events are passed on as they are. */
  readonly readEvent?: ((event: StreamEvent) => StreamEvent) | undefined;
}

/**
 * One try. What comes before the first content is held back: if it fails until then this throws, and may be tried
 * again, since nobody has seen anything of it. After that a failure is the run's.
 */
export async function attempt(options: AttemptOptions, run: RunControl): Promise<void> {
  const { provider, request, timeout, readEvent } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const deadlines = createDeadlines(provider.name, timeout, (error) => controller.abort(error));
  const pageTurn = createPageTurns();
  let held: StreamEvent[] | undefined = [];
  let isEnding = false;

  function emit(received: readonly StreamEvent[]): void {
    const events = readEvent ? received.map(readEvent) : received;
    if (!held) return run.emit(events);
    held.push(...events);
    if (!held.some(isContent)) return;
    deadlines.stop('firstToken');
    run.emit(held);
    held = undefined;
  }

  function setEnding(finish: () => void, ending: Ending): void {
    isEnding = true;
    run.setEnding(finish, ending);
  }

  async function generate(): Promise<void> {
    deadlines.start('firstToken');
    if ('request' in provider)
      return answer(options as AnswerOptions, signal, deadlines, pageTurn, { emit, setEnding });
    for await (const event of provider.generate(request, { signal })) {
      if (signal.aborted) return;
      emit([event]);
      await pageTurn();
    }
  }

  /** A prompt or an answer that a filter has blocked is an answer that ended early, not a failure. */
  function finishIfBlocked(error: unknown): void {
    if (!(error instanceof LLMError) || error.code !== 'refusal') throw error;
    if (!signal.aborted) emit([{ type: 'finish', reason: 'content-filter', raw: error.serverCode }]);
  }

  run.setUsage(undefined);
  run.signal.addEventListener('abort', () => controller.abort(run.signal.reason), { signal });
  try {
    // The reason of the signal comes first: it tells a stop and a deadline from a network that broke.
    await abortable(generate().catch(finishIfBlocked), signal);
    if (held) throw truncatedError();
  } catch (error) {
    // An empty answer whose finish reason was seen is whole.
    if (held && !isEnding) {
      run.setUsage(held.findLast((event) => event.type === 'usage'));
      throw error;
    }
    run.fail(error);
  } finally {
    deadlines.stop();
    controller.abort();
  }
}
