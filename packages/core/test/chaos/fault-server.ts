import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a refusal asks to wait, in ms. aimock's own refusals name whole seconds only. */
export const RETRY_AFTER_MS = 20;

export type Fate = 'refused' | 'failed' | 'cut before headers' | 'cut in the answer' | 'answered';

export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  /** What became of the requests of each prompt, in the order in which they came. */
  readonly fates: ReadonlyMap<string, readonly Fate[]>;
}

/**
 * Stands before a model server and hands on what it is asked, but refuses 20 % with 429, fails 10 % with 500 and cuts
 * 5 % off. What becomes of a request depends on the seed, its prompt and how often that came before, and on no timing.
 */
export async function startFaultServer(modelURL: string, seed: number): Promise<FaultServer> {
  const fates = new Map<string, Fate[]>();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    incoming.setEncoding('utf8');
    for await (const part of incoming) body += String(part);
    const { messages } = JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] };
    const prompt = messages.at(-1)?.content ?? '';
    const past = fates.get(prompt) ?? [];
    fates.set(prompt, past);
    const random = createRandom(`${seed} ${prompt} ${past.length}`);
    const fate = fateAt(random());
    past.push(fate);

    if (fate === 'cut before headers') {
      response.destroy();
    } else if (fate === 'refused') {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': String(RETRY_AFTER_MS) });
      response.end('{"error":{"message":"Slow down","type":"rate_limit_error"}}');
    } else if (fate === 'failed') {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"Oops"}}');
    } else {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(modelURL + (incoming.url ?? ''), { method: 'POST', headers, body });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      const text = await answer.text();
      if (fate === 'answered') {
        response.end(text);
        return;
      }
      // Before its end mark, since all that follows is no loss.
      const cut = Math.floor(random() * text.indexOf('"finish_reason":"stop"'));
      response.write(text.slice(0, cut), () => response.destroy());
    }
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  // No connection is closed but by a fault.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fateAt(share: number): Fate {
  if (share < 0.2) return 'refused';
  if (share < 0.3) return 'failed';
  if (share < 0.325) return 'cut before headers';
  return share < 0.35 ? 'cut in the answer' : 'answered';
}

/** Numbers from 0 to 1, the same for the same seed: FNV-1a makes a state of it, a Weyl sequence and a mixer the rest. */
function createRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
