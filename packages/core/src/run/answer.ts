import { LLMError } from '../error.ts';
import { isContent, type StreamEvent } from '../event.ts';
import type { Deadlines } from '../http/deadlines.ts';
import { redact } from '../http/redact.ts';
import { send, type Fetch, type HttpRequest } from '../http/send.ts';
import type { HttpProvider, ResolvedRequest } from '../providers/provider.ts';
import { excerpt } from '../wire/excerpt.ts';
import type { Frame } from '../wire/frame.ts';
import { splitFrames } from '../wire/split-frames.ts';
import { defaultsFor, noteRefused, type RefusedDefaults } from './defaults.ts';
import type { PageTurn } from './page-turns.ts';

/** Where the answer goes. */
export interface AnswerSink {
  emit(events: readonly StreamEvent[]): void;
  /** A finish reason was seen: `finish` emits the last events. Called again for each chunk that goes on after it. */
  setEnding(finish: () => void): void;
}

export interface AnswerOptions {
  readonly provider: HttpProvider;
  readonly request: ResolvedRequest;
  readonly refused: RefusedDefaults;
  readonly headers: HeadersInit | undefined;
  readonly fetch: Fetch;
}

/** Sends the request and emits the events of the answer as they come; resolves at its end. */
export async function answer(
  options: AnswerOptions,
  signal: AbortSignal,
  deadlines: Deadlines,
  pageTurn: PageTurn,
  { emit, setEnding }: AnswerSink,
): Promise<void> {
  const { provider, request, refused } = options;
  const { name } = provider;
  let http: HttpRequest | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let frame: Frame | undefined;
  /** The key that was refused, and with what. */
  let tried: string | undefined;
  let refusal: LLMError | undefined;
  deadlines.start('headers');
  try {
    while (!reader) {
      const sent = defaultsFor(request, refused);
      http = undefined;
      http = await provider.request(request, { defaults: sent, headers: options.headers });
      const { secret } = http;
      if (refusal && tried === secret) throw refusal;
      try {
        reader = (await send(http, provider, options.fetch, signal)).getReader();
      } catch (error) {
        if (!(error instanceof LLMError)) throw error;
        // Two refusals are cured on the spot, and are no attempts of their own: that of a key where the provider can
        // get another, and that of a default which the model does not know.
        if (error.status === 401 && secret && !refusal) {
          tried = secret;
          refusal = error;
        } else if (!noteRefused(refused, sent, request.model, error)) {
          throw error;
        }
      }
    }
    deadlines.stop('headers');
    deadlines.start('idle');
    const split = splitFrames(provider.framing);
    const decoder = provider.decoder();
    let count = 0;
    const finish = (): void => emit(decoder.end());
    for (;;) {
      const { value } = await reader.read();
      deadlines.touch();
      for (frame of split(value)) {
        if (signal.aborted) return;
        frame.data = redact(frame.data, http?.secret);
        const wasEnding = decoder.isEnding;
        const events = decoder.push(frame);
        emit(events);
        if (decoder.done) return finish();
        if (decoder.isEnding && (!wasEnding || events.some(isContent))) setEnding(finish);
        count += 1;
        // Looking at the clock costs as much as a small frame.
        const turn = count % 16 ? undefined : pageTurn();
        if (turn) await turn;
      }
      frame = undefined;
      if (!value) break;
    }
    finish();
  } catch (error) {
    if (error instanceof LLMError || !http) throw error;
    // What the end of the body cut is no mistake of the server: the missing end mark says it all.
    if (frame?.isLast) return;
    if (frame) throw new LLMError(`${name} sent broken data: ${excerpt(frame.data)}`, { code: 'parse' });
    throw new LLMError(`Connection to ${name} failed${reader ? '' : ' (CORS?)'}: ${http.url}`, {
      code: 'network',
      isOffline: !(globalThis.navigator?.onLine ?? true),
      cause: error,
    });
  } finally {
    reader?.cancel().catch(() => undefined);
  }
}
