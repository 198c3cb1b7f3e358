import { LLMClient } from '@rivulet/core';
import { afterEach, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { rows } from '../conformance/rows.ts';
import { expectSaid, forWire, TEXT } from '../conformance/scenarios.ts';

let url: string | undefined;

afterEach(async () => {
  if (url) await commands.closeServer(url);
  url = undefined;
});

describe.each(rows)('$name, from a page of another origin', (row) => {
  const scenario = forWire(row, TEXT);

  /** A client of a server that allows these headers alone. */
  async function clientAllowed(allowedHeaders: readonly string[]): Promise<LLMClient> {
    url = await commands.serve({
      headers: { 'content-type': row.contentType },
      chunks: row.stream(scenario).frames.map((text) => ({ text })),
      allowedHeaders,
    });
    return new LLMClient({ provider: row.provider(url, 'key-0123456789'), model: 'model-1', retry: false });
  }

  it('needs no header but the ones that its server has to allow', async () => {
    const client = await clientAllowed(row.headers);

    expectSaid(row, await client.complete('hello'), scenario);
    expect(await commands.requests(url!)).toHaveLength(1);
  });

  // Every server has to take these.
  it.each(row.headers.filter((name) => !/^(accept|accept-language|content-language)$/.test(name)))(
    'says which network error it is when the server does not allow %s',
    async (name) => {
      const client = await clientAllowed(row.headers.filter((other) => other !== name));

      await expect(client.complete('hello')).rejects.toMatchObject({
        name: 'NetworkError',
        message: expect.stringContaining('CORS'),
      });
      expect(await commands.requests(url!)).toEqual([]);
    },
  );
});
