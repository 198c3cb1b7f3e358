import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LLM_BASE_PATH, STATUS_PATH } from '../shared/llm-endpoint.ts';
import { answerText, event, startFakeUpstream, type FakeUpstream } from './support/fake-upstream.ts';
import { answerText as shownText, ask, launchBrowser, openDemo, waitForStatus } from './support/pages.ts';
import type { Started } from './support/commands.ts';
import { startPreview } from './support/servers.ts';

const KEY = 'sk-planted-9f3c1d7a5b';
const MODEL = 'model-of-the-test';
const COMPLETIONS_PATH = `${LLM_BASE_PATH}/chat/completions`;
const GEMINI_PATH = `${LLM_BASE_PATH}/v1beta/models/rivulet-demo-fast:streamGenerateContent`;

let upstream: FakeUpstream;
let demo: Started;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  demo = await startPreview({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: upstream.baseURL, OPENAI_MODEL: MODEL });
});

afterAll(async () => {
  await Promise.all([demo?.stop(), upstream?.stop()]);
});

beforeEach(() => {
  upstream.requests.length = 0;
  upstream.answer = (res) => answerText(res, ['Hello']);
});

describe('with a key', () => {
  it('answers from the provider, and the key goes nowhere else', async () => {
    const { status, headers, body } = await post({ headers: { cookie: 'session=1' } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/event-stream');
    expect(body).toContain('Hello');
    expect(upstream.requests).toMatchObject([
      { path: '/v1/chat/completions', headers: { authorization: `Bearer ${KEY}` }, body: { model: MODEL } },
    ]);
    expect(upstream.requests[0]?.headers).not.toHaveProperty('cookie');
    expect(upstream.requests[0]?.headers).not.toHaveProperty('origin');
    expect(JSON.stringify(headers) + body).not.toContain(KEY);
  });

  it('is told to the page without the key', async () => {
    const { body } = await send({ method: 'GET', path: STATUS_PATH });
    const { providers } = JSON.parse(body) as { providers: object[] };
    expect(providers[0]).toMatchObject({ id: 'openai', mode: 'provider', models: [{ id: MODEL }] });
    for (const other of providers.slice(1)) expect(other).toMatchObject({ mode: 'offline' });
    expect(body).not.toContain(KEY);
  });

  it('takes the key out of an error that quotes it', async () => {
    upstream.answer = (res) => {
      res.writeHead(401, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
      res.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}` } }));
    };
    const { status, headers, body } = await post({});
    expect(status).toBe(401);
    expect(headers['x-request-id']).toBe('req_1');
    expect(body).toContain('Incorrect API key provided: [redacted]');
  });

  it('passes the delay of a rate limit on', async () => {
    upstream.answer = (res) => {
      res.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
      res.end('{"error":{"message":"slow down"}}');
    };
    const { status, headers } = await post({});
    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('7');
  });

  it('gives no page of the provider a chance to run', async () => {
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/html' });
      res.end('<script>alert(1)</script>');
    };
    const { headers } = await post({});
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('follows no redirect', async () => {
    upstream.answer = (res) => {
      res.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' });
      res.end();
    };
    expect(await post({})).toMatchObject({ status: 502, code: 'upstream_redirect' });
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('the other providers', () => {
  it.each([
    ['OpenAI Responses', 'responses', { input: [{ role: 'user', content: 'hi' }] }],
    ['Anthropic', 'v1/messages', { messages: [{ role: 'user', content: 'hi' }] }],
    ['Ollama', 'api/chat', { messages: [{ role: 'user', content: 'hi' }] }],
  ])('%s is answered by the embedded model, whatever key there is', async (_, path, fields) => {
    const body = JSON.stringify({ model: 'rivulet-demo-fast', stream: true, ...fields });
    const answer = await post({ path: `${LLM_BASE_PATH}/${path}`, body });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toContain('demo');
    expect(upstream.requests).toHaveLength(0);
  });

  it('Gemini too, with the model in the path', async () => {
    const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
    const answer = await post({ path: `${GEMINI_PATH}?alt=sse`, body });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(answer.body).toContain('candidates');
    expect(upstream.requests).toHaveLength(0);
  });

  it.each([
    ['another model', { path: `${LLM_BASE_PATH}/v1/messages`, fields: { model: MODEL } }, 400, 'model_not_allowed'],
    ['a path with another model', { path: GEMINI_PATH.replace('-fast', '-vast') }, 404, 'unknown_path'],
    ['another method of the path', { path: GEMINI_PATH.replace('streamG', 'g') }, 404, 'unknown_path'],
    ['messages in another field', { path: GEMINI_PATH }, 400, 'invalid_messages'],
    [
      'several candidates',
      { path: GEMINI_PATH, fields: { contents: [], generationConfig: { candidateCount: 2 } } },
      400,
      'n_not_allowed',
    ],
    [
      'another origin',
      { path: `${LLM_BASE_PATH}/api/chat`, headers: { origin: 'https://example.com' } },
      403,
      'cross_origin',
    ],
  ] satisfies [string, Posted, number, string][])('are held to limits: %s', async (_, posted, status, code) => {
    expect(await post(posted)).toMatchObject({ status, code });
  });
});

describe('streaming', () => {
  it('passes each piece on as it comes, and a cut as a cut', async () => {
    let cut = (): void => undefined;
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event({ choices: [{ index: 0, delta: { content: 'first' } }] }));
      cut = () => res.destroy();
    };
    const answer = await open({});
    const [piece] = (await once(answer, 'data')) as [Buffer];
    expect(piece.toString()).toContain('first');
    cut();
    await expect(readText(answer)).rejects.toThrow();
  });

  it('ends upstream when the page goes away', async () => {
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event({ choices: [] }));
    };
    const answer = await open({});
    await once(answer, 'data');
    answer.destroy();
    await upstream.requests[0]?.aborted;
  });
});

describe('the limits', () => {
  it.each([
    ['caps max_tokens', { max_tokens: 1e6 }, { max_tokens: 4096 }],
    ['caps max_completion_tokens', { max_completion_tokens: 1e6 }, { max_completion_tokens: 4096 }],
    ['leaves a smaller limit alone', { max_tokens: 10 }, { max_tokens: 10 }],
    ['puts a limit where there is none', {}, { max_tokens: 4096 }],
    ['puts a limit where it is not a number', { max_tokens: 'all' }, { max_tokens: 4096 }],
  ])('%s', async (_, fields, expected) => {
    expect((await post({ fields })).status).toBe(200);
    expect(upstream.requests[0]?.body).toMatchObject(expected);
  });

  it.each([
    ['another model', { fields: { model: 'a-more-expensive-model' } }, 400, 'model_not_allowed'],
    ['several choices', { fields: { n: 5 } }, 400, 'n_not_allowed'],
    ['no messages', { fields: { messages: 'hi' } }, 400, 'invalid_messages'],
    ['a body that is not JSON', { body: 'hello' }, 400, 'invalid_json'],
    ['a body that is too large', { fields: { padding: 'x'.repeat(9_000_000) } }, 413, 'body_too_large'],
    ['a GET', { method: 'GET' }, 405, 'method_not_allowed'],
    ['another path', { path: '/api/llm/models' }, 404, 'unknown_path'],
    ['a path with dots', { path: '/api/llm/chat/../chat/completions' }, 404, 'unknown_path'],
    ['another origin', { headers: { origin: 'https://example.com' } }, 403, 'cross_origin'],
    ['another port of this machine', { headers: { origin: 'http://127.0.0.1:1' } }, 403, 'cross_origin'],
    ['an opaque origin', { headers: { origin: 'null' } }, 403, 'cross_origin'],
    ['no origin', { headers: { origin: undefined } }, 403, 'cross_origin'],
    ['a request from another site', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'cross_site'],
    ['a request from a neighbouring site', { headers: { 'sec-fetch-site': 'same-site' } }, 403, 'cross_site'],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'not_json'],
    ['plain text', { headers: { 'content-type': 'text/plain' } }, 415, 'not_json'],
    ['no type', { headers: { 'content-type': undefined } }, 415, 'not_json'],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'encoded_body'],
    ['a foreign host name', { headers: { host: 'evil.example', origin: 'http://evil.example' } }, 403, undefined],
  ] satisfies [string, Posted, number, string | undefined][])('refuses %s', async (_, posted, status, code) => {
    const refusal = await post(posted);
    expect(refusal).toMatchObject({ status, code });
    expect(refusal.headers['access-control-allow-origin']).toBeUndefined();
    expect(upstream.requests).toHaveLength(0);
  });

  it('answers no preflight of another origin', async () => {
    const { headers } = await send({
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('names the model, streams its answer, and never sees the key', async () => {
    upstream.answer = (res) => answerText(res, ['From ', 'the ', 'provider']);
    const page = await browser.newPage({ reducedMotion: 'reduce' });
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => bodies.push(response.text().catch(() => '')));
    await openDemo(page, demo.url);
    expect(await page.getByRole('banner').innerText()).toContain(MODEL);
    await ask(page, 'Hello?');
    await waitForStatus(page, 'Answer complete.');
    expect(await shownText(page)).toBe('From the provider');
    expect(upstream.requests[0]?.body).toMatchObject({ model: MODEL, stream: true });
    expect((await Promise.all(bodies)).join('')).not.toContain(KEY);
  });
});

interface Posted {
  method?: string;
  path?: string;
  headers?: Record<string, string | undefined>;
  /** Joined to a valid request. */
  fields?: Record<string, unknown>;
  /** Instead of a valid request. */
  body?: string;
}

/** Sends what the page would send, but for what is said otherwise. */
async function open({
  method = 'POST',
  path = COMPLETIONS_PATH,
  headers = {},
  fields = {},
  body,
}: Posted): Promise<IncomingMessage> {
  const payload =
    body ?? JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: 'Hello?' }], ...fields });
  const all = { origin: demo.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', ...headers };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // Not `fetch`: it sets some of these headers by itself, and tidies paths up.
  const req = request({
    host: '127.0.0.1',
    port: new URL(demo.url).port,
    path,
    method,
    headers: Object.fromEntries(sent),
  });
  req.end(method === 'GET' || method === 'OPTIONS' ? undefined : payload);
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  return answer;
}

async function send(
  posted: Posted,
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; body: string }> {
  const answer = await open(posted);
  return { status: answer.statusCode, headers: answer.headers, body: await readText(answer) };
}

async function post(posted: Posted): Promise<Awaited<ReturnType<typeof send>> & { code: string | undefined }> {
  const sent = await send(posted);
  return { ...sent, code: errorCode(sent.body) };
}

/** The code of an error in OpenAI's shape. */
function errorCode(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}
