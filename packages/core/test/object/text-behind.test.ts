import { completeObject, LLMClient, type ObjectMode } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { delta, DONE, finish } from '../support/chat-completions.ts';
import { failureOf } from '../support/client.ts';

const schema = z.object({ a: z.number() });

/** Asks in a mode for an object that is written as these pieces. */
function ask(
  mode: ObjectMode,
  pieces: readonly string[],
): Promise<{ readonly object: { a: number }; readonly text: string }> {
  const frames = pieces.map((piece, index) =>
    mode === 'tool'
      ? delta({
          tool_calls: [
            {
              index: 0,
              ...(index === 0 && { id: 'c' }),
              function: { ...(index === 0 && { name: 'answer' }), arguments: piece },
            },
          ],
        })
      : delta({ content: piece }),
  );
  const body = [...frames, finish(mode === 'tool' ? 'tool_calls' : 'stop'), DONE].join('');
  const client = new LLMClient({
    provider: openai({ baseURL: 'http://127.0.0.1' }),
    model: 'model-1',
    retry: false,
    fetch: () => Promise.resolve(new Response(body)),
  });
  return completeObject(client, { prompt: 'An object', schema, mode });
}

/** A text in two pieces, cut at every place. */
function cuts(text: string): string[][] {
  return Array.from({ length: text.length - 1 }, (_, index) => [text.slice(0, index + 1), text.slice(index + 1)]);
}

describe.each<ObjectMode>(['schema', 'prompt'])('in mode %s', (mode) => {
  it.each<[string, string, number]>([
    ['white space', '{"a":1} \n\t', 1],
    ['a closing fence', '```json\n{"a":1}\n```\n', 1],
    ['a sentence', '{"a":1} Hope this helps!', 1],
    ['a stray bracket', '{"a":1}}', 1],
    ['a citation', '{"a":1} [1]', 1],
    ['another document, which is the answer', '{"a":1}\n{"a":2}', 2],
    ['another document that does not fit', '{"a":1}\n{"b":2}', 1],
    ['a remark in braces', '{"a":1} {see above}', 1],
  ])('the object may be followed by %s, wherever the text is cut', async (_name, text, a) => {
    for (const pieces of [[text], ...cuts(text)]) {
      const completion = await ask(mode, pieces);
      expect(completion.object).toEqual({ a });
      // Nothing of what was received is lost.
      expect(completion.text).toBe(text);
    }
  });

  it('a document that is cut counts as the answer, whatever is before it', async () => {
    for (const pieces of cuts('{"a":1} {"a":')) {
      expect(await failureOf(ask(mode, pieces))).toMatchObject({ code: 'truncated' });
    }
  });
});

describe('in mode tool', () => {
  it('the object may be followed by white space, wherever the text is cut', async () => {
    for (const pieces of [['{"a":1} \n'], ...cuts('{"a":1} \n')]) {
      expect((await ask('tool', pieces)).object).toEqual({ a: 1 });
    }
  });

  it.each(['{"a":1} Hope this helps!', '{"a":1}\n{"a":2}', '{"a":1}}', '{"a":1}\n```'])(
    'arguments that go on behind the object are a parse error: %j',
    async (text) => {
      for (const pieces of [[text], ...cuts(text)]) {
        expect(await failureOf(ask('tool', pieces))).toMatchObject({
          code: 'parse',
          partial: { object: { a: 1 }, rawText: expect.stringContaining('{"a":1}') as string },
        });
      }
    },
  );
});
