import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../test/support/http-server.ts';
import { forward } from '../server/forward.ts';

const KEY = 'sk+test/0123456789abcdef=';

const escaped = (text: string): string =>
  Array.from(text, (each) => `\\u${(each.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('');

/** What a page gets for an answer of the model server. */
async function passedOn(answer: Answer): Promise<string> {
  await using upstream = await startHttpServer(answer);
  const server = createServer((_, res) => {
    forward({ url: upstream.url, apiKey: KEY }, '{}', res).catch(() => res.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(request({ port, host: '127.0.0.1' }).end(), 'response')) as [IncomingMessage];
    return JSON.stringify(response.headers) + (await readText(response));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the model proxy', () => {
  it.each([
    ['as it is', KEY],
    ['with escaped slashes', KEY.replaceAll('/', String.raw`\/`)],
    ['with escaped characters', escaped(KEY)],
    ['percent-encoded', encodeURIComponent(KEY)],
    ['as HTML', KEY.replace('+', '&#43;').replace('/', '&#x2f;')],
    ['as base64', btoa(`Bearer ${KEY}`)],
  ])('removes a key that is echoed %s', async (name, echoed) => {
    const stream = `data: {"x":"${echoed}"}\n\n`;
    const answers: Answer[] = [
      { chunks: [{ text: stream.slice(0, 20) }, { text: stream.slice(20) }] },
      { headers: { 'content-type': 'application/json' }, chunks: [{ text: `{"x":"${echoed}"}` }] },
      { status: 401, headers: { 'content-type': 'application/json' }, chunks: [{ text: `{"x":"${echoed}"}` }] },
      { status: 500, headers: { 'content-type': 'text/html', 'x-request-id': echoed }, chunks: [{ text: echoed }] },
    ];
    for (const answer of answers) {
      const passed = await passedOn(answer);

      expect(passed).toContain('[redacted]');
      expect(passed, name).not.toContain(echoed);
      expect(passed).not.toContain('0123456789abcdef');
    }
  });

  it('passes everything else on as it is', async () => {
    const body = `data: {"x":"\\u00e9 ü 🌊"}\r\n\r\n: comment\n\ndata: [DONE]`;

    expect(await passedOn({ chunks: [{ text: body }] })).toContain(body);
  });
});
