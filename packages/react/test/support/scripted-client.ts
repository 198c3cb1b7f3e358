import { LLMClient, type GenerateRequest, type StreamEvent } from '@rivulet/core';

/** One run, steered by the test. */
export interface ScriptedCall {
  readonly request: GenerateRequest;
  readonly signal: AbortSignal;
  text(...deltas: readonly string[]): void;
  finish(): void;
  /** Ends the answer without its end mark. */
  cut(): void;
  /** Ends the answer by refusing to go on. */
  refuse(): void;
}

/** A client whose model is in the page and says what the test tells it to. */
export function scriptedClient(): { readonly client: LLMClient; readonly calls: readonly ScriptedCall[] } {
  const calls: ScriptedCall[] = [];
  const client = new LLMClient({
    retry: false,
    provider: {
      name: 'scripted',
      supports: { tools: false },
      generate(request, { signal }) {
        const { stream, send, close } = channel<StreamEvent>();
        calls.push({
          request,
          signal,
          text(...deltas) {
            for (const delta of deltas) send({ type: 'text', delta });
          },
          finish() {
            send({ type: 'finish', reason: 'stop' });
            close();
          },
          cut: close,
          refuse() {
            send({ type: 'finish', reason: 'refusal' });
            close();
          },
        });
        return stream;
      },
    },
  });
  return { client, calls };
}

/** An async iterable that gives what is sent to it. */
export function channel<T>(): { readonly stream: AsyncIterable<T>; send(value: T): void; close(): void } {
  let controller!: ReadableStreamDefaultController<T>;
  const readable = new ReadableStream<T>({
    start(own) {
      controller = own;
    },
  });
  async function* iterate(): AsyncGenerator<T> {
    const reader = readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  return { stream: iterate(), send: (value) => controller.enqueue(value), close: () => controller.close() };
}
