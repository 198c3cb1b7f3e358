import { isLLMError, type LLMError } from '../errors/error.ts';
import { isContent, type StreamEvent } from '../types/event.ts';
import { ErrorFrame, readError } from '../transport/error-frame.ts';
import type { Deadlines } from '../transport/deadlines.ts';
import { brokenDataError, networkError } from '../transport/network-error.ts';
import { missingPart } from '../transport/platform.ts';
import { createRedactor } from '../transport/redact.ts';
import { redactEvents } from '../transport/redact-events.ts';
import { refusePage } from '../transport/refuse-page.ts';
import { cancelBody, drainBody } from '../transport/release-body.ts';
import { secretsOf } from '../transport/secrets.ts';
import { send, type Fetch, type HttpRequest } from '../transport/send.ts';
import type { Ending, HttpProvider, ResolvedRequest } from '../providers/provider.ts';
import { UnexpectedValueError } from '../utils/read-value.ts';
import { isInstance } from '../errors/thrown.ts';
import type { Frame } from '../transport/frame.ts';
import { splitFrames } from '../transport/frame-parser.ts';
import { createRequestChoices, type ModelMemory, type RequestChoices } from './choices.ts';
import { createCallCompletion } from './complete-calls.ts';
import { onAbort } from '../utils/on-abort.ts';
import { createPageTurns } from '../utils/yield-to-main.ts';

/** Where the answer goes. */
export interface AnswerSink {
  emit(events: readonly StreamEvent[]): void;
  /** A finish reason was seen: `finish` emits the last events. Called again if `ending` changes. */
  setEnding(finish: () => void, ending: Ending): void;
}

export interface AnswerOptions {
  readonly provider: HttpProvider;
  readonly request: ResolvedRequest;
  readonly memory: ModelMemory;
  /** What the attempts of one run have in common. */
  readonly shared: { choices?: RequestChoices };
  readonly headers: HeadersInit | undefined;
  readonly fetch: Fetch;
  /** The secrets of all requests of the run: a later answer may echo a key that was refused. */
  readonly secrets: Set<string>;
}

/**
 * Sends the request and emits the events of the answer as they come; resolves at its end.
 * @param signal aborted by a stop or a failure.
 * @param over aborted when the run has ended in any way: then the body is cancelled.
 */
export async function answer(
  options: AnswerOptions,
  signal: AbortSignal,
  over: AbortSignal,
  deadlines: Deadlines,
  { emit: emitDecoded, setEnding }: AnswerSink,
): Promise<void> {
  const { provider, request, memory, shared, secrets } = options;
  const choices = (shared.choices ??= createRequestChoices(request, memory));
  const { name } = provider;
  let http: HttpRequest | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let frame: Frame | undefined;
  /** The key that was refused, and with what. */
  let tried: string | undefined;
  let refusal: LLMError | undefined;
  /** The whole body of the last error; its message quotes only the start. */
  let errorBody = '';
  let hasEvents = false;
  let hasContent = false;
  let isWhole = false;
  let isStopped = signal.aborted || over.aborted;
  const cancel = (): void => cancelBody(reader, signal.reason);
  const stop = (): void => {
    isStopped = true;
    cancel();
  };
  let redactor = createRedactor([]);
  const pageTurn = createPageTurns();
  const completeCalls = createCallCompletion();
  const emit = (events: readonly StreamEvent[]): void => emitDecoded(redactEvents(completeCalls(events), redactor));
  const server = {
    error(status: number, headers: Headers, body: string): LLMError | Promise<LLMError> {
      errorBody = redactor.text(body);
      return provider.error(status, redactor.headers(headers), errorBody);
    },
  };
  deadlines.start('headers');
  const listening = [onAbort(signal, stop), onAbort(over, stop)];
  try {
    await provider.load?.();
    signal.throwIfAborted();
    while (!reader) {
      http = undefined;
      const context = { defaults: choices.defaults(), choose: choices.choose, headers: options.headers };
      http = await provider.request(request, context);
      for (const sent of secretsOf(http)) secrets.add(sent);
      redactor = createRedactor([...secrets]);
      const { secret } = http;
      if (refusal && tried === secret) throw refusal;
      choices.commit(http.body);
      try {
        const { body, contentType } = await send(http, server, options.fetch, signal);
        const isText = provider.framing === 'text';
        reader = (isText ? refusePage(body, contentType, { name, url: http.url }) : body).getReader();
      } catch (error) {
        if (!isLLMError(error)) throw error;
        // Two refusals are answered by another request, which is not an attempt of its own: that of a key whose provider
        // can get another one, and that of a field which the provider can write in another way.
        if (error.status === 401 && secret && !refusal) {
          tried = secret;
          refusal = error;
        } else if (!(await choices.learn(error, errorBody))) {
          throw choices.explain(error);
        }
      }
    }
    deadlines.stop('headers');
    deadlines.start('idle');
    const split = splitFrames(provider.framing);
    const decoder = provider.decoder(request);
    let count = 0;
    const finish = (): void => {
      try {
        emit(decoder.end());
      } catch (thrown) {
        const error = redactor.thrown(thrown);
        if (!http || !isInstance(error, UnexpectedValueError)) throw error;
        throw brokenDataError(name, http.url, frame ? redactor.text(frame.data) : '', ` (${error.message})`);
      }
    };
    for (;;) {
      const { value } = await reader.read();
      if (isStopped) return;
      // After the finish reason of an answer, only content shows that it goes on: comments may never end.
      if (!decoder.ending || !hasContent) deadlines.touch();
      for (frame of split(value)) {
        if (isStopped) return;
        const endingBefore = decoder.ending;
        const events = decoder.push(frame);
        hasEvents ||= events.length > 0;
        hasContent ||= events.some(isContent);
        if (decoder.ending && events.some(isContent)) deadlines.touch();
        emit(events);
        if (decoder.done) {
          finish();
          isWhole = true;
          return;
        }
        if (decoder.ending && decoder.ending !== endingBefore) setEnding(finish, decoder.ending);
        count += 1;
        // Looking at the clock costs as much as a small frame.
        const turn = count % 16 ? undefined : pageTurn();
        if (turn) await turn;
      }
      frame = undefined;
      if (!value) break;
    }
    finish();
  } catch (thrown) {
    // The reason of an abort is the caller's.
    if (signal.aborted) throw thrown;
    const error = redactor.thrown(
      isInstance(thrown, ErrorFrame)
        ? await readError(thrown.provider, redactor.value(thrown.body), thrown.status)
        : thrown,
    );
    if (frame && isLLMError(error) && !hasEvents) {
      // A refusal that a gateway sends with status 200.
      if (!(await choices.learn(error, redactor.text(frame.data)))) throw choices.explain(error);
      deadlines.stop('idle');
      cancel();
      return await answer(options, signal, over, deadlines, { emit: emitDecoded, setEnding });
    }
    if (isLLMError(error) || !http) throw error;
    if (isInstance(error, ReferenceError)) throw missingPart(`part that it needs (${error.message})`, error);
    const unexpected = isInstance(error, UnexpectedValueError) ? ` (${error.message})` : '';
    // The end of the body may have cut its last frame: the missing end mark is the failure then.
    if (frame?.isLast && !unexpected) return;
    if (frame) throw brokenDataError(name, http.url, redactor.text(frame.data), unexpected);
    throw networkError(name, http.url, !!reader, error);
  } finally {
    for (const stopListening of listening) stopListening();
    if (reader && isWhole) void drainBody(reader);
    else cancel();
  }
}
