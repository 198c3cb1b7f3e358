import type { Completion } from '@rivulet/core';
import { assert, asyncProperty, array, boolean, constantFrom, integer, nat, oneof, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { answer, delta, DONE, finish, frame, text } from '../support/chat-completions.ts';
import { clientOf, clientReading, cutAt, toBytes } from '../support/client.ts';

/** What has to be the same, however the bytes arrive. */
function essence({ message, finishReason, usage: counts, id, model }: Completion): object {
  return { parts: message.parts, finishReason, counts, id, model };
}

async function completionOf(...pieces: (string | Uint8Array)[]): Promise<object> {
  return essence(await clientReading(pieces).complete('hello'));
}

/** The bytes in two pieces, for each place between two of them. */
function splitsOf(body: string): [Uint8Array, Uint8Array][] {
  const bytes = toBytes(body);
  return Array.from({ length: bytes.length - 1 }, (_, at) => [bytes.slice(0, at + 1), bytes.slice(at + 1)]);
}

// Short, because it is split at every byte.
const short =
  frame({ id: 'a', choices: [{ delta: { content: 'Ü👋🏽' } }] }) +
  frame({ choices: [{ finish_reason: 'stop' }], usage: { total_tokens: 7 } }) +
  DONE;
const said = {
  parts: [{ type: 'text', text: 'Ü👋🏽' }],
  finishReason: 'stop',
  counts: { totalTokens: 7 },
  id: 'a',
};

describe('an answer is the same', () => {
  it.each<[string, string]>([
    ['LF', short],
    ['CRLF', short.replaceAll('\n', '\r\n')],
    ['CR', short.replaceAll('\n', '\r')],
    ['mixed line ends', short.replaceAll('\n\n', '\r\n\n')],
    ['a byte order mark', `\uFEFF${short}`],
    ['comments', `: welcome\n\n${short.replaceAll('\n\n', '\n: OPENROUTER PROCESSING\n\n')}`],
    ['comments that come first', `:\n\n: ping\n\n:ping\n\n${short}`],
    ['blank lines first', `\n\n \n${short}`],
    ['several comments', `:\n:\r\n: a\n:b: c\n\n${short}`],
    ['names of events, ids and retry', short.replaceAll('data:', 'id: 7\nevent: message\nretry: 10\ndata:')],
    ['unknown fields', short.replaceAll('data:', 'x-trace: 1\nfoo\ndata:')],
    ['no space after the colon', short.replaceAll('data: ', 'data:')],
    ['data over several lines', short.replaceAll('"choices":', '\ndata: "choices":\ndata: ')],
    ['no final blank line', short.replace(/\n+$/, '')],
    ['one final line end', short.replace(/\n+$/, '\n')],
    ['no [DONE]', short.replace(DONE, '')],
    ['no [DONE] and no final blank line', short.replace(DONE, '').replace(/\n+$/, '')],
  ])('with %s, for every split of the bytes in two', async (_, body) => {
    expect(await completionOf(body)).toMatchObject(said);
    for (const [head, tail] of splitsOf(body)) {
      expect(await completionOf(head, tail), `split after ${head.length} bytes`).toMatchObject(said);
    }
  });

  it('byte by byte', async () => {
    expect(await completionOf(...Array.from(toBytes(short), (byte) => Uint8Array.of(byte)))).toMatchObject(said);
  });

  it('after any number of blank lines, by which servers keep connections alive', async () => {
    expect(await completionOf(...Array.from({ length: 2000 }, () => '\n'), short)).toMatchObject(said);
  });

  it('with empty chunks in between', async () => {
    const bytes = Array.from(toBytes(short.replaceAll('\n', '\r\n')), (byte) => [Uint8Array.of(byte), '']);
    expect(await completionOf(...bytes.flat())).toMatchObject(said);
    expect(await completionOf('', short.slice(0, 20), '', '', short.slice(20), '')).toMatchObject(said);
  });

  it('over a socket, for every split of the bytes in two', async () => {
    const splits = splitsOf('data:{"choices":[{"delta":{"content":"👋"},"finish_reason":"stop"}]}\r\n\r\ndata:[DONE]');
    await using server = await startHttpServer(
      splits.map(([head, tail]) => ({ chunks: [{ bytes: [...head] }, { bytes: [...tail] }] })),
    );
    const client = clientOf(server.url);

    for (const [head] of splits) {
      expect((await client.complete('hello')).text, `split after ${head.length} bytes`).toBe('👋');
    }
  });

  it('when the socket brings the halves of an emoji apart', async () => {
    const bytes = [...toBytes(answer('👋'))];
    const middle = bytes.indexOf(0xf0) + 2;
    await using server = await startHttpServer({
      chunks: [{ bytes: bytes.slice(0, middle) }, { bytes: bytes.slice(middle), delayMs: 20 }],
    });
    const run = clientOf(server.url).stream('hello');

    const seen: string[] = [];
    for await (const piece of run.textStream) seen.push(piece);

    expect(seen).toEqual(['👋']);
  });
});

/** Frames of any answer: text, reasoning, calls, comments and padding in any order. */
const frames = array(
  oneof(
    string({ unit: 'grapheme' }).map(text),
    string({ unit: 'binary' }).map((content) => delta({ reasoning_content: content })),
    string().map((content) => delta({ refusal: content })),
    record({ index: integer({ min: 0, max: 2 }), name: constantFrom('weather', 'clock'), input: string() }).map(
      ({ index, name, input }) =>
        delta({ tool_calls: [{ index, id: `call_${index}`, function: { name, arguments: input } }] }),
    ),
    constantFrom(': ping\n\n', '\n', delta({ role: 'assistant', content: null }), 'event: ping\ndata: {}\n\n'),
  ),
  { maxLength: 8 },
);

it('an answer is the same for any split of any stream', async () => {
  await assert(
    asyncProperty(frames, boolean(), array(nat(), { maxLength: 30 }), async (list, hasDone, cuts) => {
      const bytes = toBytes(list.join('') + finish() + (hasDone ? DONE : ''));

      expect(await completionOf(...cutAt(bytes, cuts))).toEqual(await completionOf(bytes));
    }),
    { numRuns: 100 },
  );
});
