import { LLMError, truncatedError } from '../error.ts';
import { isContent, type StreamEvent } from '../event.ts';
import { createDeadlines } from '../http/deadlines.ts';
import type { LocalProvider, Provider, ResolvedRequest } from '../providers/provider.ts';
import type { TimeoutOptions } from '../request.ts';
import { abortable } from './abortable.ts';
import { answer, type AnswerOptions, type Emit } from './answer.ts';

export interface AttemptOptions extends Omit<AnswerOptions, 'provider' | 'deadlines'> {
  readonly provider: Provider;
  readonly timeout: TimeoutOptions;
}

/** What is left of an answer whose first content has come: emits that and the rest, and resolves at the end. */
export type Pump = (emit: Emit) => Promise<void>;

/**
 * One try: sends the request and decodes up to the first content. Whatever fails until then may be tried again, since
 * nobody has seen anything of it.
 */
export function attempt(options: AttemptOptions): Promise<Pump> {
  const { provider, timeout, signal: outer } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const deadlines = createDeadlines(provider.name, timeout, (error) => controller.abort(error));
  const held: StreamEvent[] = [];

  function onAbort(): void {
    controller.abort(outer.reason);
  }

  /** The reason of the signal comes first: it tells a stop and a deadline from a network that broke. */
  async function finish(work: Promise<void>): Promise<void> {
    try {
      await abortable(work, signal);
    } catch (error) {
      if (error instanceof LLMError) error.provider ??= provider.name;
      throw error;
    } finally {
      deadlines.stop();
      outer.removeEventListener('abort', onAbort);
      controller.abort();
    }
  }

  return new Promise((resolve, reject) => {
    let emit: Emit = (events) => {
      held.push(...events);
      if (!events.some(isContent)) return;
      deadlines.stop('firstToken');
      resolve(pump);
    };
    const pump: Pump = (next) => {
      next(held);
      emit = next;
      return whole;
    };
    const send: Emit = (events) => emit(events);
    outer.addEventListener('abort', onAbort);
    if (!('generate' in provider)) deadlines.start('headers');
    deadlines.start('firstToken');
    const whole = finish(
      'generate' in provider
        ? localAnswer(provider, options.request, signal, send)
        : answer({ ...options, provider, signal, deadlines }, send),
    );
    // If there was content, this comes too late to matter.
    whole.then(() => reject(truncatedError()), reject);
  });
}

async function localAnswer(
  provider: LocalProvider,
  request: ResolvedRequest,
  signal: AbortSignal,
  emit: Emit,
): Promise<void> {
  for await (const event of provider.generate(request, { signal })) {
    if (signal.aborted) return;
    emit([event]);
  }
}
