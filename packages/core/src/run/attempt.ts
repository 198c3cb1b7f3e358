import { isContent, type StreamEvent } from '../event.ts';
import { createDeadlines } from '../http/deadlines.ts';
import type { LocalProvider, Provider, ResolvedRequest } from '../providers/provider.ts';
import type { TimeoutOptions } from '../request.ts';
import { abortable } from './abortable.ts';
import { answer, type AnswerOptions } from './answer.ts';

const DEFAULT_HEADERS_MS = 60_000;
const DEFAULT_FIRST_TOKEN_MS = 600_000;
const DEFAULT_IDLE_MS = 120_000;

export interface AttemptOptions extends Omit<AnswerOptions, 'provider' | 'onHeaders' | 'onChunk'> {
  readonly provider: Provider;
  readonly timeout: TimeoutOptions;
}

/** What is left of an answer whose first content has come: emits that and the rest, and resolves at the end. */
export type Pump = (emit: (events: readonly StreamEvent[]) => void) => Promise<void>;

/**
 * One try: sends the request and decodes up to the first content. Whatever fails until then may be tried again, since
 * nobody has seen anything of it.
 */
export async function attempt(options: AttemptOptions): Promise<Pump> {
  const { provider, timeout, signal: outer } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const deadlines = createDeadlines(provider.name, (error) => controller.abort(error));
  const held: StreamEvent[] = [];

  function onHeaders(): void {
    deadlines.stop('headers');
    deadlines.start('idle', timeout.idleMs ?? DEFAULT_IDLE_MS);
  }

  const batches =
    'generate' in provider
      ? localAnswer(provider, options.request, signal)
      : answer({ ...options, provider, signal, onHeaders, onChunk: deadlines.touch });

  function onAbort(): void {
    controller.abort(outer.reason);
  }

  function close(): void {
    deadlines.stopAll();
    outer.removeEventListener('abort', onAbort);
    controller.abort();
  }

  /** Whose signal fired tells a stop and a deadline from a broken network: its reason is the error. */
  async function guard(work: Promise<void>): Promise<void> {
    try {
      await abortable(work, signal);
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      close();
      throw cause;
    }
  }

  async function untilContent(): Promise<void> {
    while (!held.some(isContent)) {
      const { done, value } = await batches.next();
      if (done) break;
      held.push(...value);
    }
    deadlines.stop('first-token');
  }

  outer.throwIfAborted();
  outer.addEventListener('abort', onAbort);
  deadlines.start('headers', timeout.headersMs ?? DEFAULT_HEADERS_MS);
  deadlines.start('first-token', timeout.firstTokenMs ?? DEFAULT_FIRST_TOKEN_MS);
  await guard(untilContent());

  async function rest(emit: (events: readonly StreamEvent[]) => void): Promise<void> {
    emit(held);
    for await (const events of batches) emit(events);
  }

  return async (emit) => {
    await guard(rest(emit));
    close();
  };
}

async function* localAnswer(
  provider: LocalProvider,
  request: ResolvedRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent[], void> {
  for await (const event of provider.generate(request, { signal })) yield [event];
}
