import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
// The source, so that the demo's server runs before the packages are built.
import { createRedactor } from '../../../packages/core/src/transport/redact.ts';
import { redactLines } from './redact-lines.ts';
import { sendRefusal } from './refusal.ts';

export interface Upstream {
  /** The full address to post to. */
  url: string;
  apiKey: string;
  /** More headers to send along with a body. */
  headersFor?: ((body: string) => Record<string, string>) | undefined;
  /** What a streamed answer goes through. */
  mend?: (() => Duplex) | undefined;
}

/** What of the upstream's headers the page can use. */
const PASSED_HEADERS = ['retry-after', 'retry-after-ms', 'x-request-id', 'openai-processing-ms'] as const;
const PASSED_TYPES = ['text/event-stream', 'application/json', 'application/x-ndjson'];
const ERROR_BODY_LIMIT = 64 * 1024;

/** Sends the body upstream and streams the answer back as it comes; ends upstream when the page goes away. */
export async function forward(upstream: Upstream, body: string, res: ServerResponse): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());

  let answer: IncomingMessage;
  try {
    answer = await post(upstream, body, gone.signal);
  } catch {
    if (gone.signal.aborted) return;
    sendRefusal(res, { status: 502, code: 'upstream_unreachable', message: 'The model server could not be reached.' });
    return;
  }

  const status = answer.statusCode ?? 502;
  if (status >= 300 && status < 400) {
    answer.destroy();
    // The key must not follow a redirect to another host.
    sendRefusal(res, { status: 502, code: 'upstream_redirect', message: 'The model server answered with a redirect.' });
    return;
  }

  // Servers quote the key in errors, and models in answers.
  const redactor = createRedactor([upstream.apiKey]);
  res.statusCode = status;
  res.setHeader('Content-Type', passedType(answer.headers['content-type']));
  res.setHeader('Cache-Control', 'no-store, no-transform');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  for (const name of PASSED_HEADERS) {
    const value = answer.headers[name];
    if (value !== undefined) res.setHeader(name, redactor.text(String(value)));
  }

  if (status >= 400) {
    res.end(redactor.text(await readStart(answer)));
    return;
  }
  res.flushHeaders();
  // `pipeline` waits for a slow reader, and breaks the response off when the upstream breaks off: a cut is never a clean end.
  const redact = redactLines(redactor);
  const passed = upstream.mend ? pipeline(answer, upstream.mend(), redact, res) : pipeline(answer, redact, res);
  await passed.catch(() => undefined);
}

function post({ url, apiKey, headersFor }: Upstream, body: string, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, {
      method: 'POST',
      signal,
      // The page's own headers (cookies among them) stay here.
      headers: {
        ...headersFor?.(body),
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: PASSED_TYPES.join(', '),
        'accept-encoding': 'identity',
      },
    })
      .once('response', resolve)
      .on('error', reject)
      .end(body);
  });
}

/** Anything else becomes plain text: a stray HTML page must not run on the demo's origin. */
function passedType(type: string | undefined): string {
  const bare = type?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return PASSED_TYPES.includes(bare) ? bare : 'text/plain; charset=utf-8';
}

async function readStart(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ERROR_BODY_LIMIT) break;
    }
  } catch {
    // A broken error body: what came is what there is.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, ERROR_BODY_LIMIT);
}
