import type { Completion } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { delta, DONE, finish, frame, text } from '../../support/chat-completions.ts';
import { clientReading, readAll } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';

function decode(...frames: string[]): Promise<Completion> {
  return clientReading([frames.join('')]).complete('hello');
}

const A = 'https://a.example/';
const B = 'https://b.example/';
const nested = (url: string, title?: string): object => ({
  type: 'url_citation',
  url_citation: { url, title, content: 'Excerpt', start_index: 0, end_index: 3 },
});
const flat = (url: string, title?: string): object => ({
  type: 'url_citation',
  url,
  title,
  start_index: 0,
  end_index: 3,
});
const beside = (fields: object, content: string): string => delta({ content }, {}, fields);
const RESULTS = [
  { title: 'Site A', url: A, date: '2026-01-01', snippet: 'Excerpt' },
  { title: 'Site B', url: B },
];

const SHAPES: readonly [name: string, frames: readonly string[]][] = [
  ['nested annotations', [text('Hel'), delta({ annotations: [nested(A, 'Site A'), nested(B, 'Site B')] }), text('lo')]],
  [
    'flat annotations',
    [text('Hel'), delta({ annotations: [flat(A, 'Site A')] }), delta({ annotations: [flat(B, 'Site B')] }), text('lo')],
  ],
  [
    'doubled annotations',
    [
      text('Hel'),
      delta({ annotations: [nested(A, 'Site A'), flat(B, 'Site B'), nested(A, 'Site A')] }),
      text('lo'),
      delta({ annotations: [flat(A, 'Site A')] }),
    ],
  ],
  [
    'a title that comes later',
    [
      text('Hel'),
      delta({ annotations: [flat(A), flat(B)] }),
      text('lo'),
      delta({ annotations: [flat(B, 'Site B'), flat(A, 'Site A'), flat(A)] }),
    ],
  ],
  [
    'citations and search results in each chunk',
    ['Hel', 'lo'].map((words) => beside({ citations: [A, B], search_results: RESULTS }, words)),
  ],
  [
    'citations, and search results in the last chunk',
    [beside({ citations: [A, B] }, 'Hel'), beside({ citations: [A, B], search_results: RESULTS }, 'lo')],
  ],
  ['search results alone', [beside({ search_results: RESULTS }, 'Hel'), text('lo')]],
  [
    'pages of a web search with links',
    [
      beside(
        {
          web_search: [
            { link: A, title: 'Site A' },
            { link: B, title: 'Site B' },
          ],
        },
        'Hel',
      ),
      text('lo'),
    ],
  ],
  ['citations of a context', [delta({ content: 'Hel', context: { citations: RESULTS } }), text('lo')]],
  [
    'references among the content',
    [
      text('Hel'),
      delta({
        content: [
          { type: 'text', text: 'lo' },
          { type: 'tool_reference', tool: 'web_search', ...RESULTS[0] },
          { type: 'tool_reference', ...RESULTS[1] },
        ],
      }),
    ],
  ],
  [
    'annotations of a whole message behind the deltas',
    [
      text('Hel'),
      text('lo'),
      frame({ choices: [{ message: { content: 'Hello', annotations: [nested(A, 'Site A'), nested(B, 'Site B')] } }] }),
    ],
  ],
  [
    'citations behind the finish',
    [text('Hel'), text('lo'), finish(), frame({ choices: [], citations: [A, B], search_results: RESULTS })],
  ],
];

describe('sources', () => {
  it.each(SHAPES)('are parts beside one text: %s', async (_, frames) => {
    const body = frames.join('') + finish() + DONE;
    const { text: words, message, sources } = await decode(body);
    const { items } = await readAll(clientReading([body]).stream('hello'));

    expect(sources).toMatchObject([
      { type: 'source', url: A, title: 'Site A' },
      { type: 'source', url: B, title: 'Site B' },
    ]);
    expect(words).toBe('Hello');
    expect(message.parts.filter(({ type }) => type !== 'source')).toEqual([{ type: 'text', text: 'Hello' }]);
    expect(fold(items)).toMatchObject({ text: 'Hello', sources });
  });

  it.each([
    ['annotations', { annotations: [nested(A, 'Site A'), flat(B, 'Site B')] }, {}],
    ['citations', {}, { citations: [A, B] }],
    ['search results', {}, { search_results: RESULTS }],
  ])('are in a whole document, too: %s', async (_, fields, rest) => {
    const whole = { choices: [{ message: { content: 'Hello', ...fields }, finish_reason: 'stop' }], ...rest };

    const { text: words, sources } = await decode(JSON.stringify(whole));

    expect(words).toBe('Hello');
    expect(sources.map(({ url }) => url)).toEqual([A, B]);
  });

  it('before the text do not open a part of it', async () => {
    const { message } = await decode(
      delta({ annotations: [flat(A)] }),
      text('Hel'),
      delta({ annotations: [flat(B)] }),
      text('lo'),
      finish(),
      DONE,
    );

    expect(message.parts).toMatchObject([
      { type: 'source', url: A },
      { type: 'text', text: 'Hello' },
      { type: 'source', url: B },
    ]);
  });

  it('do not split reasoning, and calls follow them', async () => {
    const call = { index: 0, id: 'call_1', function: { name: 'now', arguments: '{}' } };
    const { message } = await decode(
      beside({ citations: [A] }, ''),
      delta({ reasoning: 'H' }),
      delta({ annotations: [flat(B)] }),
      delta({ reasoning: 'm' }),
      delta({ tool_calls: [call] }),
      finish(),
      DONE,
    );

    expect(message.parts).toMatchObject([
      { type: 'source', url: A },
      { type: 'reasoning', text: 'Hm' },
      { type: 'source', url: B },
      { type: 'tool-call', id: 'call_1', input: {} },
    ]);
  });

  it.each([{}, 'x', [null, 7, {}, { url: 7 }, { url_citation: null }, ''], [{ type: 'file_citation', file_id: 'f' }]])(
    'of a wrong shape (%j) are skipped',
    async (list) => {
      const { text: words, sources } = await decode(
        delta({ content: 'Hello', annotations: list }, {}, { citations: list, search_results: list }),
        finish(),
        DONE,
      );

      expect(words).toBe('Hello');
      expect(sources).toEqual([]);
    },
  );

  it('cost time in proportion to their number', async () => {
    const chunks = Array.from({ length: 20_000 }, (_, n) =>
      delta({ content: 'x', annotations: [flat(`${A}${n}`, 'Site')] }),
    );

    const { text: words, sources } = await decode(...chunks, finish(), DONE);

    expect(words).toHaveLength(20_000);
    expect(sources).toHaveLength(20_000);
  });
});
