import { isLLMError, truncatedError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import { createDeadlines } from '../transport/deadlines.ts';
import type { Ending, Provider } from '../providers/provider.ts';
import type { TimeoutOptions } from '../types/request.ts';
import { abortable } from '../utils/abortable.ts';
import type { AnswerOptions } from './stream-response.ts';
import { createHeldEvents, type HeldEvents } from './held-events.ts';
import { httpChunk } from './http-chunk.ts';
import { localChunk } from './local-chunk.ts';
import { onAbort } from '../utils/on-abort.ts';
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
  /** For `fetch`: aborted by a stop, a deadline and a failure, and never once the answer is whole. */
  const controller = new AbortController();
  const { signal } = controller;
  const deadlines = createDeadlines(provider.name, timeout, (error) => controller.abort(error));
  let held: HeldEvents | undefined = createHeldEvents();
  let isEnding = false;

  function emit(received: readonly StreamEvent[]): void {
    const events = readEvent ? received.map(readEvent) : received;
    if (!held) return run.emit(events);
    held.add(events);
    if (!held.hasContent()) return;
    deadlines.stop('firstToken');
    const first = held.all();
    held = undefined;
    run.emit(first);
  }

  function setEnding(finish: () => void, ending: Ending): void {
    isEnding = true;
    run.setEnding(finish, ending);
  }

  async function generate(): Promise<void> {
    deadlines.start('firstToken');
    if ('request' in provider) {
      const { answer } = await httpChunk.load();
      return answer(options as AnswerOptions, signal, run.over, deadlines, { emit, setEnding });
    }
    // A model of the page is called in the task of the request once this code is loaded.
    const { localAnswer } = localChunk.loaded() ?? (await localChunk.load());
    return localAnswer(provider, request, signal, run.over, emit);
  }

  /** A prompt or an answer that a filter has blocked is an answer that ended early, not a failure. */
  function finishIfBlocked(error: unknown): void {
    if (!isLLMError(error) || error.code !== 'refusal') throw error;
    if (!signal.aborted) emit([{ type: 'finish', reason: 'content-filter', raw: error.serverCode }]);
  }

  const stopListening = onAbort(run.signal, () => controller.abort(run.signal.reason));
  run.setUsage(undefined);
  try {
    // The reason of the signal comes first: it tells a stop and a deadline from a network that broke.
    await abortable(abortable(generate().catch(finishIfBlocked), signal), run.over);
    if (held) throw truncatedError();
  } catch (error) {
    // The answer was whole before the body had ended.
    if (run.over.aborted && !run.signal.aborted) return;
    controller.abort(error);
    // An empty answer whose finish reason was seen is whole.
    if (held && !isEnding) {
      run.setUsage(held.usage());
      throw error;
    }
    run.fail(error);
  } finally {
    deadlines.stop();
    stopListening();
  }
}
