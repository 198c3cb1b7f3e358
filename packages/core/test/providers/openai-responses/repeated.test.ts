import { describe, expect, it } from 'vitest';
import {
  added,
  CALL,
  clientOf,
  completed,
  created,
  done,
  frame,
  response,
  summary,
  text,
  type Fields,
} from '../../support/responses.ts';
import { checkSplits } from '../../support/split-server.ts';

const HELLO = { type: 'output_text', text: 'Hello' };
const MESSAGE = { type: 'message', id: 'msg_1', content: [HELLO] };
const OSLO = '{"city":"Oslo"}';

const AT = { output_index: 0, item_id: 'msg_1', content_index: 0 };
const textDone = frame('response.output_text.done', { ...AT, text: 'Hello' });
const partAdded = (start: string): string =>
  frame('response.content_part.added', { ...AT, part: { type: 'output_text', text: start } });
const partDone = frame('response.content_part.done', { ...AT, part: HELLO });
const itemDone = done(0, MESSAGE);
const ending = (...output: Fields[]): string =>
  frame('response.completed', { response: response('completed', { output }) });
const without = (field: string, body: string): string =>
  body.replaceAll(new RegExp(`,"${field}":("[^"]*"|\\d+)`, 'g'), '');

interface Expected {
  readonly text?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly object[];
  readonly finishReason?: string;
}

async function expectAnswer(body: string, expected: Expected): Promise<void> {
  await checkSplits(
    body,
    (baseURL) => clientOf(baseURL),
    (completion) => {
      expect(completion).toMatchObject({ text: '', reasoning: '', toolCalls: [], finishReason: 'stop', ...expected });
      expect(completion.toolCalls).toHaveLength(expected.toolCalls?.length ?? 0);
    },
  );
}

describe('text that the server sends whole', () => {
  const deltas = text('Hel') + text('lo');
  const ends: [name: string, frames: string][] = [
    ['output_text.done', textDone],
    ['content_part.done', partDone],
    ['output_item.done', itemDone],
    ['response.completed', ''],
    ['all of them', textDone + partDone + itemDone],
  ];

  it.each(
    ends.flatMap(([name, frames]) => [
      [name, 'behind deltas', deltas + frames] as const,
      [name, 'without deltas', frames] as const,
    ]),
  )('in %s %s is there once', async (name, _, frames) => {
    const end = name === 'response.completed' || name === 'all of them' ? ending(MESSAGE) : completed;

    await expectAnswer(created + frames + end, { text: 'Hello' });
    await expectAnswer(created + added(0, { ...MESSAGE, content: [] }) + partAdded('') + frames + end, {
      text: 'Hello',
    });
  });

  it.each<[name: string, frames: string]>([
    ['by their item_id only', without('output_index', text('Hel') + text('lo') + textDone + partDone)],
    ['without any place', without('item_id', without('output_index', without('content_index', deltas + textDone)))],
    ['by another id', deltas.replaceAll('"output_index":0', '"output_index":0,"item_id":"msg_7"')],
    ['by an index that is text', (deltas + textDone).replaceAll('"output_index":0', '"output_index":"0"')],
    ['by another content index', deltas.replaceAll('"content_index":0', '"content_index":1')],
  ])('is found for deltas %s', async (_, frames) => {
    const once = frames.replaceAll('"delta"', '"item_id":"msg_1","delta"');

    await expectAnswer(created + frames + itemDone + ending(MESSAGE), { text: 'Hello' });
    await expectAnswer(created + once + ending(MESSAGE), { text: 'Hello' });
    await expectAnswer(created + frames + ending({ ...MESSAGE, id: 'msg_9' }), { text: 'Hello' });
  });

  it('is found at the end, for deltas of another index', async () => {
    const frames = (deltas + textDone).replaceAll('"output_index":0', '"output_index":1');

    await expectAnswer(created + frames + ending(MESSAGE), { text: 'Hello' });
  });

  it.each<[name: string, frames: string, said: string]>([
    ['repeated by the deltas', partAdded('Hel') + text('Hel') + text('lo'), 'Hello'],
    ['continued by the deltas', partAdded('Hel') + text('lo'), 'Hello'],
    ['and all there is', partAdded('Hello'), 'Hello'],
    [
      'in the item, and continued',
      added(0, { ...MESSAGE, content: [{ ...HELLO, text: 'Hel' }] }) + text('lo'),
      'Hello',
    ],
    ['in the item, and repeated', added(0, MESSAGE) + text('Hel') + text('lo'), 'Hello'],
    ['in the item and the piece', added(0, MESSAGE) + partAdded('Hello') + text('Hello'), 'Hello'],
    ['like a repetition, but it continues', partAdded('ha ha ha') + text('ha'), 'ha ha haha'],
  ])('at its start, %s', async (_, frames, said) => {
    await expectAnswer(created + frames + completed, { text: said });
    await expectAnswer(created + frames + done(0, { ...MESSAGE, content: [{ ...HELLO, text: said }] }) + completed, {
      text: said,
    });
  });

  it('that differs from the deltas does not replace them', async () => {
    await expectAnswer(created + text(' Hello') + textDone + itemDone + ending(MESSAGE), { text: ' Hello' });
  });

  it('has several pieces, of which some streamed', async () => {
    const pieces = [HELLO, { type: 'output_text', text: ' you' }, { type: 'output_text', text: ' there' }];
    const item = { ...MESSAGE, content: pieces };

    await expectAnswer(created + text('Hello') + text(' you', 0, 1) + done(0, item) + ending(item), {
      text: 'Hello you there',
    });
    await expectAnswer(created + text('Hello you') + done(0, item) + ending(item), { text: 'Hello you there' });
  });

  it('adds nothing to deltas, even if they are only its beginning', async () => {
    await expectAnswer(created + text('Hel') + textDone + partDone + itemDone + ending(MESSAGE), { text: 'Hel' });
  });

  it('may be two messages, of which one streamed', async () => {
    const second = { ...MESSAGE, id: 'msg_2', content: [{ ...HELLO, text: ' again' }] };

    await expectAnswer(created + text('Hello') + ending(MESSAGE, second), { text: 'Hello again' });
    await expectAnswer(created + text(' again', 1) + itemDone + ending(MESSAGE, second), { text: ' againHello' });
  });

  it('may share one place with other items', async () => {
    const thought = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }] };
    const again = { ...MESSAGE, id: 'msg_2', content: [{ ...HELLO, text: ' again' }] };
    const frames =
      added(0, { ...thought, summary: [] }) +
      summary('Hm') +
      done(0, thought) +
      added(0, { ...MESSAGE, content: [] }) +
      text('Hello') +
      itemDone +
      added(0, { ...again, content: [] }) +
      text(' again') +
      done(0, again);

    await expectAnswer(created + frames + completed, { reasoning: 'Hm', text: 'Hello again' });
    await expectAnswer(created + frames + ending(thought, MESSAGE, again), { reasoning: 'Hm', text: 'Hello again' });
  });

  it.each<[name: string, done: string, item: Fields]>([
    [
      'a summary',
      frame('response.reasoning_summary_text.done', { output_index: 0, summary_index: 0, text: 'Hmm' }) +
        frame('response.reasoning_summary_part.done', {
          output_index: 0,
          summary_index: 0,
          part: { type: 'summary_text', text: 'Hmm' },
        }),
      { summary: [{ type: 'summary_text', text: 'Hmm' }] },
    ],
    [
      'raw reasoning',
      frame('response.reasoning_text.done', { output_index: 0, content_index: 0, text: 'Hmm' }),
      { content: [{ type: 'reasoning_text', text: 'Hmm' }] },
    ],
  ])('may be %s', async (name, frames, fields) => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [], ...fields };
    const event = name === 'a summary' ? 'response.reasoning_summary_text.delta' : 'response.reasoning_text.delta';
    const delta = frame(event, { output_index: 0, delta: 'Hmm' });

    for (const begin of ['', delta]) {
      for (const end of [
        frames + completed,
        done(0, item) + completed,
        ending(item),
        frames + done(0, item) + ending(item),
      ]) {
        await expectAnswer(created + begin + end, { reasoning: 'Hmm' });
      }
    }
  });

  it('may be a refusal', async () => {
    const refusal = { type: 'refusal', refusal: 'No' };
    const item = { ...MESSAGE, content: [refusal] };
    const frames =
      frame('response.refusal.delta', { ...AT, delta: 'No' }) +
      frame('response.refusal.done', { ...AT, refusal: 'No' });

    await checkSplits(
      created + frames + frame('response.content_part.done', { ...AT, part: refusal }) + done(0, item) + ending(item),
      (baseURL) => clientOf(baseURL),
      ({ message, finishReason }) => {
        expect(message.parts).toEqual([{ type: 'refusal', text: 'No' }]);
        expect(finishReason).toBe('refusal');
      },
    );
  });
});

describe('arguments that the server sends whole', () => {
  const call = { ...CALL, arguments: OSLO };
  const begin = added(0, { ...CALL, arguments: '' });
  const delta = (json: string): string =>
    frame('response.function_call_arguments.delta', { output_index: 0, delta: json });
  const argumentsDone = frame('response.function_call_arguments.done', { output_index: 0, arguments: OSLO });

  it.each<[name: string, frames: string]>([
    ['in arguments.done', begin + argumentsDone + completed],
    ['in arguments.done, behind deltas', begin + delta('{"city":') + delta('"Oslo"}') + argumentsDone + completed],
    ['in arguments.done, behind the first delta', begin + delta('{"city":') + argumentsDone + completed],
    ['in output_item.done', begin + done(0, call) + completed],
    ['in all of them', begin + delta(OSLO) + argumentsDone + done(0, call) + ending(call)],
    ['in response.completed', ending(call)],
    ['in response.completed, behind text', text('Hi', 1) + ending(call)],
    ['in response.completed, under another item id', begin + delta(OSLO) + ending({ ...call, id: 'fc_9' })],
    [
      'in response.completed, under another call id',
      begin + delta(OSLO) + ending({ ...call, id: 'fc_9', call_id: 'call_9' }),
    ],
    ['at the start', added(0, call) + completed],
    ['at the start, and in deltas', added(0, call) + delta(OSLO) + completed],
    ['before the call', delta('{"city":') + delta('"Oslo"}') + done(0, call) + completed],
    ['before the name', added(0, { ...CALL, name: '', arguments: '' }) + delta(OSLO) + done(0, call) + completed],
    ['as an object', begin + done(0, { ...CALL, arguments: { city: 'Oslo' } }) + completed],
    ['instead of other deltas', begin + delta('{}') + done(0, call) + completed],
  ])('%s are there once', async (_, frames) => {
    await expectAnswer(created + frames, {
      text: frames.includes('output_text') ? 'Hi' : '',
      toolCalls: [{ id: 'call_1', name: 'weather', rawInput: OSLO, input: { city: 'Oslo' } }],
      finishReason: 'tool-calls',
    });
  });

  it('are those of each call, if calls share one place', async () => {
    const rome = { ...CALL, id: 'fc_2', call_id: 'call_2', arguments: '{"city":"Rome"}' };

    await expectAnswer(
      created + begin + done(0, call) + added(0, { ...rome, arguments: '' }) + done(0, rome) + ending(call, rome),
      {
        toolCalls: [
          { id: 'call_1', input: { city: 'Oslo' } },
          { id: 'call_2', input: { city: 'Rome' } },
        ],
        finishReason: 'tool-calls',
      },
    );
  });

  it('may be the same in two calls', async () => {
    const twice = { ...call, id: 'fc_2', call_id: 'call_2' };

    await expectAnswer(created + begin + done(0, call) + done(1, twice) + ending(call, twice), {
      toolCalls: [{ id: 'call_1' }, { id: 'call_2' }],
      finishReason: 'tool-calls',
    });
  });
});

describe('the reason of an incomplete response', () => {
  it.each([
    ['max_output_tokens', 'length'],
    ['MAX_TOKENS', 'length'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['SAFETY', 'content-filter'],
    ['toString', 'other'],
  ])('%s is %s', async (reason, finishReason) => {
    const end = frame('response.incomplete', { response: response('incomplete', { incomplete_details: { reason } }) });

    await expectAnswer(created + text('Hi') + end, { text: 'Hi', finishReason });
  });
});
