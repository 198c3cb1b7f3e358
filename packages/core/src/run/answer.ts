import { LLMError, NetworkError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import { redact } from '../http/redact.ts';
import { send, type Fetch, type HttpRequest } from '../http/send.ts';
import type { HttpProvider, ResolvedRequest } from '../providers/provider.ts';
import { readFrames } from '../wire/read-frames.ts';
import type { ModelDefaults } from './defaults.ts';
import { nextTask } from './next-task.ts';

/** Work that is done before the page gets a turn, in ms. */
const SLICE_MS = 8;

export interface AnswerOptions {
  readonly provider: HttpProvider;
  readonly request: ResolvedRequest;
  readonly defaults: ModelDefaults;
  readonly headers: HeadersInit | undefined;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly onHeaders: () => void;
  readonly onChunk: () => void;
}

/** Sends the request and gives the events of the answer, those of a chunk of bytes at a time. */
export async function* answer(options: AnswerOptions): AsyncGenerator<StreamEvent[], void> {
  const { provider, signal } = options;
  const { http, body } = await sendAgainIfCurable(options);
  const decoder = provider.decoder();
  let worked = 0;
  options.onHeaders();
  try {
    for await (const frames of readFrames(body, provider.framing, provider.name, options.onChunk)) {
      let start = performance.now();
      let events: StreamEvent[] = [];
      for (const frame of frames) {
        if (signal.aborted) return;
        events.push(...decoder.push(frame));
        if (decoder.done) break;
        if (worked + performance.now() - start < SLICE_MS) continue;
        yield events;
        events = [];
        await nextTask();
        worked = 0;
        start = performance.now();
      }
      yield events;
      if (decoder.done) return;
      worked += performance.now() - start;
    }
    yield decoder.end();
  } catch (error) {
    if (error instanceof LLMError || signal.aborted) throw redact(error, http.secrets);
    throw new NetworkError(`The connection to ${provider.name} broke before the end of the answer; try again`, {
      provider: provider.name,
      cause: error,
    });
  }
}

/**
 * Two refusals can be cured on the spot, and are no attempts of their own: a default that the model does not know, and
 * a key that has expired where the provider can get another.
 */
async function sendAgainIfCurable(
  options: AnswerOptions,
): Promise<{ http: HttpRequest; body: ReadableStream<Uint8Array> }> {
  const { provider, request, defaults, headers } = options;
  let refused: { readonly key: string; readonly error: unknown } | undefined;
  for (;;) {
    const sent = defaults.for(request);
    const http = await provider.request(request, { defaults: sent, headers });
    const key = http.secrets.join();
    if (refused?.key === key) throw refused.error;
    try {
      return { http, body: await send(http, provider, options.fetch, options.signal) };
    } catch (thrown) {
      const error = redact(thrown, http.secrets);
      if (!(error instanceof LLMError)) throw error;
      if (error.status === 401 && key && !refused) refused = { key, error };
      else if (!defaults.drop(request.model, sent, error)) throw error;
    }
  }
}
