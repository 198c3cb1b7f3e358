import type { LLMError } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { failureOf } from '../../support/client.ts';
import {
  block,
  blockDelta,
  blockStart,
  blockStop,
  clientOf,
  frame,
  inputDelta,
  messageEnd,
  messageStart,
  messageStop,
  signatureDelta,
  stopReason,
  textDelta,
  thinkingDelta,
} from '../../support/messages.ts';
import { checkSplits } from '../../support/split-server.ts';

interface Expected {
  readonly text?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly object[];
  readonly finishReason?: string;
}

const NO_TEXT = { type: 'text', text: '' };
const OSLO = '{"city":"Oslo"}';
const TOOL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
const OSLO_CALL = { id: 'toolu_1', name: 'weather', rawInput: OSLO, input: { city: 'Oslo' } };

async function expectAnswer(body: string, expected: Expected): Promise<void> {
  await checkSplits(body, clientOf, (completion) =>
    expect(completion).toMatchObject({ text: '', reasoning: '', toolCalls: [], finishReason: 'stop', ...expected }),
  );
}

describe('text at the start of a block', () => {
  const textStart = (text: string): object => ({ type: 'text', text });

  it.each<[start: string, deltas: string[], text: string]>([
    ['Hel', ['Hel', 'lo'], 'Hello'],
    ['Hel', ['lo'], 'Hello'],
    ['Hel', ['l', 'o'], 'Hello'],
    ['Hello', [], 'Hello'],
    ['Hello', ['Hello'], 'Hello'],
    ['Hello', ['Hel', 'lo'], 'Hello'],
    ['Hello', ['H', 'e', 'l', 'l', 'o', ' you'], 'Hello you'],
    ['Hel', ['Hello'], 'Hello'],
    ['Hello', ['Hel', 'lo you'], 'Hello you'],
    ['Hello', [' Hello'], 'Hello Hello'],
    ['Hello', ['Hel', 'p'], 'HelloHelp'],
    ['banana', ['ban', 'dana'], 'bananabandana'],
    ['ha ha', [' ha'], 'ha ha ha'],
    ['ha ha ha', ['ha', ' ha'], 'ha ha haha ha'],
    ['a', ['a'], 'a'],
    ['a', ['a', 'a'], 'aa'],
    ['`', ['``json'], '```json'],
    ['  ', ['    x'], '      x'],
    ['1', ['10'], '110'],
    ['🌧', ['🌧', '🌧'], '🌧🌧'],
    ['', ['Hel', 'lo'], 'Hello'],
  ])('%j with the deltas %j is %j', async (start, deltas, text) => {
    const thinking = { type: 'thinking', thinking: start };

    await expectAnswer(messageStart() + block(0, { ...textStart(start) }, ...deltas.map(textDelta)) + messageEnd, {
      text,
    });
    await expectAnswer(messageStart() + block(0, thinking, ...deltas.map(thinkingDelta)) + messageEnd, {
      reasoning: text,
    });
  });

  it('is not compared with the deltas of another block', async () => {
    const body =
      messageStart() +
      block(0, { type: 'thinking', thinking: 'Hi' }, thinkingDelta('Hi'), thinkingDelta(' there')) +
      block(1, { ...textStart('Hi') }, textDelta(' there')) +
      block(2, NO_TEXT, textDelta('Hi')) +
      messageEnd;

    await expectAnswer(body, { reasoning: 'Hi there', text: 'Hi thereHi' });
  });

  it('is kept when the answer is cut within the repetition', async () => {
    await using server = await startHttpServer({
      chunks: [{ text: messageStart() + blockStart(0, { ...textStart('Hello') }) + blockDelta(0, textDelta('Hel')) }],
    });
    const error = (await failureOf(clientOf(server.url).complete('hello'))) as LLMError;

    expect(error).toMatchObject({ code: 'truncated', partial: { text: 'Hello' } });
  });

  it('has citations that are added once', async () => {
    const citation = { type: 'char_location', cited_text: 'a', document_index: 0 };
    const other = { ...citation, cited_text: 'b' };
    const body =
      messageStart() +
      block(
        0,
        { type: 'text', text: 'Hello', citations: [citation] },
        { type: 'citations_delta', citation },
        { type: 'citations_delta', citation: other },
        textDelta('Hello'),
      ) +
      messageEnd;

    await checkSplits(body, clientOf, ({ sources, message }) => {
      expect(sources).toHaveLength(2);
      expect(message.parts.find(({ type }) => type === 'text')).toEqual({
        type: 'text',
        text: 'Hello',
        providerMetadata: { anthropic: { citations: [citation, other] } },
      });
    });
  });
});

describe('arguments at the start of a block', () => {
  const given = { ...TOOL, input: { city: 'Oslo' } };

  it.each<[name: string, start: object, deltas: string[], rawInput: string]>([
    ['without deltas', given, [], OSLO],
    ['with deltas that repeat them', given, ['{"city":', '"Oslo"}'], OSLO],
    ['with an empty delta', given, [''], OSLO],
    ['with a delta of an empty object', given, ['{}'], OSLO],
    ['with deltas that are cut', given, ['{"city":"Os'], OSLO],
    ['as JSON text', { ...TOOL, input: OSLO }, [], OSLO],
    ['as JSON text that deltas continue', { ...TOOL, input: '{"city":' }, ['"Oslo"}'], OSLO],
    ['with other deltas, which win', { ...TOOL, input: { city: '' } }, [OSLO], OSLO],
    ['that are empty', TOOL, ['{"city":', '"Oslo"}'], OSLO],
    ['that are null', { ...TOOL, input: null }, [OSLO], OSLO],
  ])('%s', async (_, start, deltas, rawInput) => {
    const body =
      messageStart() + block(1, { ...start }, ...deltas.map(inputDelta)) + stopReason('tool_use') + messageStop;

    await expectAnswer(body, { toolCalls: [{ ...OSLO_CALL, rawInput }], finishReason: 'tool-calls' });
  });

  it('get an id if the call has none', async () => {
    const call =
      block(0, { ...TOOL, id: '' }, inputDelta(OSLO)) + block(1, { ...TOOL, id: undefined }, inputDelta('{}'));

    await checkSplits(messageStart() + call + messageEnd, clientOf, ({ toolCalls: [first, second], finishReason }) => {
      expect(first!.id).not.toBe('');
      expect(first!.id).not.toBe(second!.id);
      expect(finishReason).toBe('tool-calls');
    });
  });
});

describe('a signature', () => {
  it.each<[name: string, body: string]>([
    [
      'at the start of the block and in a delta',
      block(0, { type: 'thinking', thinking: '', signature: 'sig-1' }, thinkingDelta('Hm'), signatureDelta('sig-1')),
    ],
    ['only at the start', block(0, { type: 'thinking', thinking: 'Hm', signature: 'sig-1' })],
    ['in a text block', block(0, NO_TEXT, thinkingDelta('Hm'), signatureDelta('sig-1'), textDelta('Hi'))],
    ['behind text', block(0, NO_TEXT, thinkingDelta('Hm'), textDelta('Hi'), signatureDelta('sig-1'))],
    ['in a block without a start', blockDelta(-1, thinkingDelta('Hm')) + blockDelta(-1, signatureDelta('sig-1'))],
  ])('%s is kept with the reasoning', async (_, body) => {
    await checkSplits(messageStart() + body + messageEnd, clientOf, ({ message }) =>
      expect(message.parts[0]).toEqual({
        type: 'reasoning',
        text: 'Hm',
        providerMetadata: { anthropic: { signature: 'sig-1' } },
      }),
    );
  });
});

describe('a delta of another type than its block', () => {
  it.each<[name: string, body: string, expected: Expected]>([
    ['text in a thinking block', block(0, { type: 'thinking', thinking: '' }, textDelta('Hello')), { text: 'Hello' }],
    ['text in redacted thinking', block(0, { type: 'redacted_thinking', data: 'x' }, textDelta('Hi')), { text: 'Hi' }],
    [
      'text in a call',
      block(0, TOOL, textDelta('Hi'), inputDelta(OSLO)),
      {
        text: 'Hi',
        toolCalls: [OSLO_CALL],
        finishReason: 'tool-calls',
      },
    ],
    ['thinking in a text block', block(0, NO_TEXT, thinkingDelta('Hm')), { reasoning: 'Hm' }],
    [
      'both, one after the other',
      block(0, { type: 'thinking', thinking: '' }, thinkingDelta('Hm'), textDelta('Hel'), textDelta('lo')),
      { reasoning: 'Hm', text: 'Hello' },
    ],
    [
      'text, thinking and text again',
      block(0, NO_TEXT, textDelta('A'), thinkingDelta('Hm'), textDelta('B')),
      { reasoning: 'Hm', text: 'AB' },
    ],
    [
      'text in the block of a server tool',
      block(0, { type: 'server_tool_use', id: 's_1', name: 'web_search', input: {} }, textDelta('Hello')),
      { text: 'Hello' },
    ],
    [
      'arguments in a text block, without a name',
      block(0, NO_TEXT, inputDelta('{"a":'), inputDelta('1}')),
      { text: '{"a":1}' },
    ],
    [
      'text and thinking in blocks of unknown types',
      block(0, { type: 'reasoning', thinking: '' }, thinkingDelta('Hm')) +
        block(1, { type: 'output_text', text: 'Hel' }, textDelta('Hel'), textDelta('lo')),
      { reasoning: 'Hm', text: 'Hello' },
    ],
    [
      'both at the start of a block, and again in deltas',
      block(0, { type: 'text', text: 'Hi', thinking: 'Hm' }, thinkingDelta('Hm'), textDelta('Hi'), textDelta('!')),
      { reasoning: 'Hm', text: 'Hi!' },
    ],
    ['thinking in the field of text', block(0, NO_TEXT, { type: 'thinking_delta', text: 'Hm' }), { reasoning: 'Hm' }],
    [
      'arguments in the text block behind their call',
      block(0, TOOL) + block(1, NO_TEXT, inputDelta('{"city":'), inputDelta('"Oslo"}')),
      { toolCalls: [OSLO_CALL], finishReason: 'tool-calls' },
    ],
    ['a delta without a type', block(0, NO_TEXT, { text: 'Hi' }), { text: 'Hi' }],
    [
      'a delta of an unknown type',
      block(0, NO_TEXT, textDelta('Hi'), { type: 'glow_delta', glow: 'x' }),
      { text: 'Hi' },
    ],
  ])('%s', async (_, body, expected) => {
    await expectAnswer(messageStart() + body + messageEnd, expected);
  });

  it('keeps the parts of one block in order', async () => {
    const body = block(0, NO_TEXT, thinkingDelta('Hm'), textDelta('A'), thinkingDelta('So'), textDelta('B'));

    await checkSplits(messageStart() + body + messageEnd, clientOf, ({ message }) =>
      expect(message.parts).toEqual([
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'A' },
        { type: 'reasoning', text: 'So' },
        { type: 'text', text: 'B' },
      ]),
    );
  });
});

describe('a block with an incomplete frame sequence', () => {
  const hello = [textDelta('Hel'), textDelta('lo')];
  const deltas = (index: unknown): string => hello.map((delta) => blockDelta(index, delta)).join('');

  it.each<[name: string, body: string, expected: Expected]>([
    ['no start', deltas(0), { text: 'Hello' }],
    ['no start, and the index -1', deltas(-1), { text: 'Hello' }],
    ['no start, and no index', deltas(undefined), { text: 'Hello' }],
    ['an index of null', blockStart(null, NO_TEXT) + deltas(null) + blockStop(null), { text: 'Hello' }],
    ['an index that is text', blockStart(0, NO_TEXT) + deltas('0') + blockStop('0'), { text: 'Hello' }],
    ['a start without a block', frame({ type: 'content_block_start', index: 0 }) + deltas(0), { text: 'Hello' }],
    [
      'a start that comes late',
      blockDelta(0, hello[0]!) + blockStart(0, NO_TEXT) + blockDelta(0, hello[1]!),
      { text: 'Hello' },
    ],
    ['no stop', blockStart(0, NO_TEXT) + deltas(0), { text: 'Hello' }],
    ['two stops', block(0, NO_TEXT, ...hello) + blockStop(0), { text: 'Hello' }],
    ['a stop without a start', blockStop(7) + block(0, NO_TEXT, ...hello), { text: 'Hello' }],
    ['a stop that comes early', blockStart(0, NO_TEXT) + blockStop(0) + deltas(0), { text: 'Hello' }],
    ['two starts', blockStart(0, NO_TEXT) + block(0, NO_TEXT, ...hello), { text: 'Hello' }],
    [
      'two starts that have its text',
      blockStart(0, hello[0]!) + block(0, { type: 'text', text: 'Hel' }, hello[1]!),
      { text: 'Hello' },
    ],
    [
      'one index for all blocks',
      block(0, { type: 'thinking', thinking: '' }, thinkingDelta('Hm')) + block(0, NO_TEXT, ...hello),
      {
        reasoning: 'Hm',
        text: 'Hello',
      },
    ],
    [
      'a call without a stop',
      blockStart(3, TOOL) + blockDelta(3, inputDelta(OSLO)),
      {
        toolCalls: [OSLO_CALL],
        finishReason: 'tool-calls',
      },
    ],
    [
      'a call that stops early',
      blockStart(3, TOOL) + blockStop(3) + blockDelta(3, inputDelta(OSLO)),
      {
        toolCalls: [OSLO_CALL],
        finishReason: 'tool-calls',
      },
    ],
    [
      'a call whose arguments come first',
      blockDelta(1, inputDelta('{"city":')) + blockStart(1, TOOL) + blockDelta(1, inputDelta('"Oslo"}')),
      {
        toolCalls: [OSLO_CALL],
        finishReason: 'tool-calls',
      },
    ],
    [
      'a call whose arguments have another index',
      blockStart(1, TOOL) + blockDelta(-1, inputDelta(OSLO)) + blockStop(1),
      {
        toolCalls: [OSLO_CALL],
        finishReason: 'tool-calls',
      },
    ],
    [
      'a call that stops before its arguments, which have another index',
      block(0, TOOL) + blockDelta(-1, inputDelta(OSLO)),
      { toolCalls: [OSLO_CALL], finishReason: 'tool-calls' },
    ],
    [
      'two calls with one index, and no stops',
      blockStart(0, TOOL) +
        blockDelta(0, inputDelta(OSLO)) +
        blockStart(0, { ...TOOL, id: 'toolu_2' }) +
        blockDelta(0, inputDelta('{}')),
      { toolCalls: [OSLO_CALL, { id: 'toolu_2', input: {} }], finishReason: 'tool-calls' },
    ],
  ])('%s', async (_, body, expected) => {
    await expectAnswer(messageStart() + body + messageEnd, expected);
    // The start of the message may be absent, too.
    await expectAnswer(body + messageEnd, expected);
  });
});

describe('frames around the blocks', () => {
  const hello = block(0, NO_TEXT, textDelta('Hel'), textDelta('lo'));
  const DONE = 'data: [DONE]\n\n';
  const whole = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
  };

  it.each<[name: string, body: string]>([
    ['[DONE] before message_stop', hello + stopReason() + DONE + messageStop],
    ['[DONE] before the stop reason', hello + DONE + stopReason() + messageStop],
    ['[DONE] after message_stop', hello + messageEnd + DONE],
    ['[DONE] in place of message_stop', hello + stopReason() + DONE],
    ['[DONE] before the stop reason, and no message_stop', hello + DONE + stopReason()],
    ['a ping without data', `event: ping\n\nevent: ping\ndata:\n\n${hello}event: ping\ndata: pong\n\n${messageEnd}`],
    ['data that is empty or null', `data: \n\n${hello}data: null\n\n${messageEnd}`],
    ['types only in the event names', (hello + messageEnd).replaceAll(/"type":"(content|message)_\w+",/g, '')],
    ['two stop reasons', hello + stopReason('max_tokens') + stopReason('end_turn') + stopReason(null) + messageStop],
    ['unknown events', hello + frame({ type: 'glow', glow: 1 }) + messageEnd],
    ['a start that comes late', hello + messageStart() + messageEnd],
    ['a start that has all of the content', messageStart({ content: whole.content }) + hello + messageEnd],
    ['a whole message behind its pieces', hello + frame(whole)],
    ['a whole message behind its end', hello + stopReason() + frame(whole)],
    ['a whole message with the rest', block(0, NO_TEXT, textDelta('Hel')) + frame(whole)],
    ['a whole message in message_stop', hello + frame({ type: 'message_stop', message: whole })],
    ['only a whole message', JSON.stringify(whole)],
    ['only a whole message without a type', JSON.stringify({ ...whole, type: undefined })],
  ])('%s', async (_, body) => {
    await expectAnswer(body, { text: 'Hello' });
    if (body.startsWith('event: content')) await expectAnswer(messageStart() + body, { text: 'Hello' });
  });

  it('a whole message behind its pieces adds the blocks that did not come', async () => {
    const found = { type: 'web_search_tool_result', tool_use_id: 's_1', content: [] };
    const content = [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Hello' },
      { ...TOOL, input: { city: 'Oslo' } },
      found,
    ];
    const streamed =
      block(0, { type: 'thinking', thinking: '' }, thinkingDelta('Hm')) + block(1, NO_TEXT, textDelta('Hel'));

    await checkSplits(messageStart() + streamed + frame({ ...whole, content }), clientOf, (completion) => {
      expect(completion).toMatchObject({ reasoning: 'Hm', text: 'Hello', toolCalls: [OSLO_CALL] });
      expect(completion.message.parts).toContainEqual({ type: 'data', name: 'anthropic', data: found });
    });
  });

  it.each<[name: string, body: string]>([
    ['a stop reason', messageStart() + hello + stopReason()],
    ['[DONE]', messageStart() + hello + DONE],
    ['the last block', messageStart() + hello],
  ])('the end of the body behind %s is not the end of the answer', async (_, body) => {
    await using server = await startHttpServer({ chunks: [{ text: body }] });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({
      code: 'truncated',
      partial: { text: 'Hello' },
    });
  });

  it('another whole message in the middle of an answer is not mixed with it', async () => {
    const other = { ...whole, id: 'msg_2', content: [{ type: 'text', text: 'Good day' }] };
    await using server = await startHttpServer({ chunks: [{ text: messageStart() + hello + frame(other) }] });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({ partial: { text: 'Hello' } });
  });
});

describe('the stop reason', () => {
  it.each([
    ['END_TURN', 'stop'],
    ['STOP', 'stop'],
    ['stop', 'stop'],
    ['eos_token', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['SAFETY', 'content-filter'],
    ['content_filter', 'content-filter'],
    ['compaction', 'pause'],
    ['toString', 'other'],
  ])('%s is %s', async (raw, finishReason) => {
    const body = messageStart() + block(0, NO_TEXT, textDelta('Hi')) + stopReason(raw) + messageStop;

    await checkSplits(body, clientOf, (completion) =>
      expect(completion).toMatchObject({ text: 'Hi', finishReason, rawFinishReason: raw }),
    );
  });

  it.each([
    ['end_turn', 'tool-calls'],
    ['stop', 'tool-calls'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
  ])('%s behind a call is %s', async (raw, finishReason) => {
    await expectAnswer(messageStart() + block(0, TOOL, inputDelta(OSLO)) + stopReason(raw) + messageStop, {
      toolCalls: [OSLO_CALL],
      finishReason,
    });
  });
});
