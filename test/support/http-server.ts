import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One write to the response, after a delay or once the test lets it through. */
export interface Chunk {
  text?: string | undefined;
  /** Raw bytes, for splits that no string can express. */
  bytes?: readonly number[] | undefined;
  /** Time to wait before the write, in milliseconds. Default 0. */
  delayMs?: number | undefined;
  /** A name: the write waits until `release(name)` is called on the server. */
  gate?: string | undefined;
}

export interface Answer {
  /** Default 200. */
  status?: number | undefined;
  /** Default `content-type: text/event-stream`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Time until the response headers are sent, in milliseconds. Default 0. */
  headersDelayMs?: number | undefined;
  chunks?: readonly Chunk[] | undefined;
  /** What follows the last chunk: `close` ends the body, `destroy` cuts the connection, `hang` keeps it open. Default `close`. */
  end?: 'close' | 'destroy' | 'hang' | undefined;
  /** Whether pages of other origins may read the answer. Default true. */
  cors?: boolean | undefined;
  /** The headers that pages of other origins may send, asked before a request that this answers. Default: any. */
  allowedHeaders?: readonly string[] | undefined;
}

/** A list answers one request each; its last entry answers all that follow. */
export type Script = Answer | readonly Answer[];

export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Whether the client hung up before the answer had ended. */
  closedEarly: boolean;
  /** Whether the answer was sent in full, or cut on purpose. */
  finished: boolean;
}

export interface HttpServer extends AsyncDisposable {
  /** The origin, without a slash at the end. */
  readonly url: string;
  /** What was received so far, CORS preflights left out. */
  readonly requests: readonly ReceivedRequest[];
  /** Replaces the script from the next request on. */
  answer(script: Script | Responder): void;
  /** Lets the chunks with this gate through, now and later. */
  release(gate: string): void;
  close(): Promise<void>;
}

export type Responder = (request: ReceivedRequest) => Answer | Promise<Answer>;

/** Starts an HTTP server on a free loopback port that answers with exactly the bytes, times and failures of a script. */
export async function startHttpServer(script: Script | Responder): Promise<HttpServer> {
  const requests: ReceivedRequest[] = [];
  const gates = new Map<string, { opened: Promise<void>; open: () => void }>();
  let answers = answersOf(script);

  function gate(name: string): { opened: Promise<void>; open: () => void } {
    const known = gates.get(name);
    if (known) return known;
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const created = { opened, open };
    gates.set(name, created);
    return created;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.headers['access-control-request-method']) {
      response.writeHead(204, corsHeaders(incoming, answers.next?.().allowedHeaders)).end();
      return;
    }
    const request: ReceivedRequest = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: '',
      closedEarly: false,
      finished: false,
    };
    requests.push(request);

    const gone = new Promise<void>((resolve) => {
      response.once('close', () => {
        request.closedEarly = !request.finished && !response.writableFinished;
        resolve();
      });
    });
    incoming.setEncoding('utf8');
    for await (const part of incoming) request.body += String(part);

    const answer = await answers.take(request);
    const pause = (ms: number): Promise<void> => Promise.race([sleep(ms), gone]);

    await pause(answer.headersDelayMs ?? 0);
    if (response.destroyed) return;
    response.writeHead(answer.status ?? 200, {
      'content-type': 'text/event-stream',
      ...(answer.cors === false ? {} : corsHeaders(incoming)),
      ...answer.headers,
    });
    response.flushHeaders();
    response.socket?.setNoDelay(true);

    for (const chunk of answer.chunks ?? []) {
      if (chunk.gate !== undefined) await Promise.race([gate(chunk.gate).opened, gone]);
      if (chunk.delayMs) await pause(chunk.delayMs);
      if (response.destroyed) return;
      const data = chunk.bytes ? Uint8Array.from(chunk.bytes) : Buffer.from(chunk.text ?? '');
      // Each write reaches the socket before the next one, so chunks are not merged here.
      if (data.length > 0) await Promise.race([new Promise<unknown>((resolve) => response.write(data, resolve)), gone]);
    }

    if (response.destroyed || answer.end === 'hang') return;
    request.finished = true;
    if (answer.end === 'destroy') response.destroy();
    else response.end();
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  // After a test has blocked the process, its connection would be too old to be used again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A server that a test forgot does not keep the process alive.
  server.unref();

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next) {
      answers = answersOf(next);
    },
    release(name) {
      gate(name).open();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Answers {
  take: Responder;
  /** The answer that the next request gets, where that does not depend on the request. */
  next?: () => Answer;
}

function answersOf(script: Script | Responder): Answers {
  if (typeof script === 'function') return { take: script };
  const left = [script].flat();
  const next = (): Answer => {
    if (!left[0]) throw new Error('The script has no answers');
    return left[0];
  };
  return {
    next,
    take() {
      const answer = next();
      if (left.length > 1) left.shift();
      return answer;
    },
  };
}

function corsHeaders(incoming: IncomingMessage, allowed?: readonly string[]): Record<string, string> {
  return {
    'access-control-allow-origin': incoming.headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': allowed?.join(', ') ?? incoming.headers['access-control-request-headers'] ?? '*',
    'access-control-expose-headers': 'retry-after, retry-after-ms, x-request-id, request-id',
    vary: 'origin',
  };
}

function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
