import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface UpstreamRequest {
  path: string | undefined;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** Resolves when the connection is gone before the answer was complete. */
  aborted: Promise<void>;
}

export interface FakeUpstream {
  baseURL: string;
  requests: UpstreamRequest[];
  /** How the next requests are answered. */
  answer: (res: ServerResponse) => void | Promise<void>;
  stop: () => Promise<void>;
}

/** A model server that records what it is sent and answers as it is told. */
export async function startFakeUpstream(): Promise<FakeUpstream> {
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const aborted = new Promise<void>((resolve) => {
      res.once('close', () => {
        if (!res.writableFinished) resolve();
      });
    });
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    upstream.requests.push({ path: req.url, headers: req.headers, body, aborted });
    await upstream.answer(res);
  };
  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const upstream: FakeUpstream = {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    answer: (res) => answerText(res, ['Hello']),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

export function answerText(res: ServerResponse, deltas: readonly string[]): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of deltas) res.write(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
  res.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  res.end('data: [DONE]\n\n');
}

export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
