import type { Completion, LLMClient } from '@rivulet/core';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { cutAt, toBytes } from './client.ts';

/** Checks the answer that a server sends in one piece, and in random pieces of bytes. */
export async function checkSplits(
  body: string,
  clientOf: (baseURL: string) => LLMClient,
  check: (completion: Completion) => void,
): Promise<void> {
  await using server = await startHttpServer({ chunks: [{ text: body }] });
  const client = clientOf(server.url);
  check(await client.complete('hello'));
  const bytes = toBytes(body);
  await assert(
    asyncProperty(array(nat(), { maxLength: 20 }), async (cuts) => {
      server.answer({ chunks: cutAt(bytes, cuts).map((piece) => ({ bytes: [...piece] })) });
      check(await client.complete('hello'));
    }),
    { numRuns: 4 },
  );
}
