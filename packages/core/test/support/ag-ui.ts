import { LLMClient, type Completion, type GenerateRequest, type LLMConfig, type StreamEvent } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { startHttpServer, type HttpServer } from '../../../../test/support/http-server.ts';
import { cutAt, readAll, toBytes } from './client.ts';

export const RUN = { threadId: 'thread-1', runId: 'run-1' };
export const started = { type: 'RUN_STARTED', ...RUN };
export const finished = { type: 'RUN_FINISHED', ...RUN };

export function sse(events: readonly object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}

export interface Agent extends AsyncDisposable {
  readonly server: HttpServer;
  readonly client: LLMClient;
  /** The next answers have these events; the bytes are cut at these places. */
  answer(events: readonly object[], cuts?: readonly number[]): void;
  /** The bodies that came. */
  bodies(): Record<string, unknown>[];
}

/** An agent over HTTP that answers with these events, and a client of it. */
export async function startAgent(events: readonly object[] = [], config: Partial<LLMConfig> = {}): Promise<Agent> {
  const server = await startHttpServer({ chunks: [{ text: sse(events) }] });
  return {
    server,
    client: new LLMClient({ provider: agui({ api: `${server.url}/agent` }), retry: false, ...config }),
    answer(next, cuts = []) {
      server.answer({ chunks: cutAt(toBytes(sse(next)), cuts).map((bytes) => ({ bytes: [...bytes] })) });
    },
    bodies: () => server.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** What a run of these events comes to. */
export async function complete(
  events: readonly object[],
  request: string | GenerateRequest = 'hello',
): Promise<Completion> {
  await using agent = await startAgent([started, ...events, finished]);
  return await agent.client.complete(request);
}

export async function streamEvents(events: readonly object[]): Promise<{ items: StreamEvent[]; error?: unknown }> {
  await using agent = await startAgent(events);
  return await readAll<StreamEvent>(agent.client.stream('hello'));
}
