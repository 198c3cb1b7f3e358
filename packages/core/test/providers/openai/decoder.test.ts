import type { Completion, StreamEvent } from '@rivulet/core';
import { asyncProperty, assert as check, constantFrom, dictionary, jsonValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delta, DONE, finish, frame, text, usage } from '../../support/chat-completions.ts';
import { clientReading, readAll } from '../../support/client.ts';

function decode(...frames: string[]): Promise<Completion> {
  return clientReading([frames.join('')]).complete('hello');
}

async function eventsOf(...frames: string[]): Promise<StreamEvent[]> {
  return (await readAll(clientReading([frames.join('')]).stream('hello'))).items;
}

const thinking = (fields: object): string => delta({ content: null, ...fields });

describe('reasoning', () => {
  it.each<[string, string[]]>([
    ['reasoning_content', [thinking({ reasoning_content: 'Let me ' }), thinking({ reasoning_content: 'think.' })]],
    ['reasoning', [thinking({ reasoning: 'Let me ' }), thinking({ reasoning: 'think.' })]],
    ['reasoning_text', [thinking({ reasoning_text: 'Let me ' }), thinking({ reasoning_text: 'think.' })]],
    [
      'two fields with the same text',
      [
        thinking({ reasoning: 'Let me ', reasoning_content: 'Let me ' }),
        thinking({ reasoning: 'think.', reasoning_content: 'think.' }),
      ],
    ],
    [
      'the first field that is not empty',
      [
        thinking({ reasoning_content: '', reasoning: 'Let me ' }),
        thinking({ reasoning_content: null, reasoning_text: 'think.' }),
      ],
    ],
    [
      'a list with thinking in it',
      [
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Let me ' }] }] }),
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'think.' }] }] }),
      ],
    ],
  ])('comes in %s', async (_, frames) => {
    const completion = await decode(...frames, text('Yes.'), finish());

    expect(completion).toMatchObject({ reasoning: 'Let me think.', text: 'Yes.' });
    expect(completion.message.parts).toMatchObject([
      { type: 'reasoning', text: 'Let me think.' },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('may go on after text, as a part of its own', async () => {
    const { message } = await decode(
      thinking({ reasoning: 'Hm.' }),
      text('Yes'),
      thinking({ reasoning: 'Or?' }),
      text('No'),
      finish(),
    );

    expect(message.parts.map((part) => [part.type, 'text' in part && part.text])).toEqual([
      ['reasoning', 'Hm.'],
      ['text', 'Yes'],
      ['reasoning', 'Or?'],
      ['text', 'No'],
    ]);
  });

  it('details of OpenRouter beside it are not told twice', async () => {
    const { reasoning } = await decode(
      delta({ reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }] }),
      text('Yes'),
      finish(),
    );

    expect(reasoning).toBe('Hm.');
  });
});

describe('text', () => {
  it('may be a list of pieces', async () => {
    const { message } = await decode(
      delta({ content: [{ type: 'text', text: 'Hel' }] }),
      delta({
        content: [
          { type: 'text', text: 'lo' },
          { type: 'reference', reference_ids: [1] },
        ],
      }),
      finish(),
    );

    expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }]);
  });

  it.each([[[{ index: '0' }, { index: 1 }]], [[{ index: 1 }, { index: 0 }]], [[null, { index: null }]]])(
    'is that of the first choice of %j',
    async (heads) => {
      const choices = heads.map((head) => head && { ...head, delta: { content: head.index === 1 ? 'No' : 'Yes' } });

      expect((await decode(frame({ choices }), finish(), DONE)).text).toBe('Yes');
    },
  );

  it('may stand in the frame that finishes', async () => {
    expect((await decode(text('Hel'), delta({ content: 'lo' }, { finish_reason: 'stop' }))).text).toBe('Hello');
  });

  it('makes no part where it is empty', async () => {
    expect((await decode(text(''), text(''), finish())).message.parts).toEqual([]);
  });
});

describe('the start', () => {
  it('is not told by the filter results that Azure sends first', async () => {
    const first = frame({ id: '', model: '', object: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] });

    const [start] = await eventsOf(first, text('Hello'), finish());

    expect(start).toEqual({ type: 'start', id: 'chatcmpl-1', model: 'model-1' });
  });

  it('is told once, though each frame repeats it', async () => {
    const events = await eventsOf(text('Hel'), text('lo'), finish());

    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
  });

  it('is left out by servers that name neither id nor model', async () => {
    const completion = await decode(frame({ choices: [{ delta: { content: 'Hello' }, finish_reason: 'stop' }] }));

    expect(completion.text).toBe('Hello');
    expect(completion.id).toBeUndefined();
    expect(completion.model).toBeUndefined();
  });
});

describe('the finish reason', () => {
  it.each<[string, string]>([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['model_length', 'length'],
    ['news', 'other'],
    ['constructor', 'other'],
    ['__proto__', 'other'],
  ])('%s is %s', async (raw, finishReason) => {
    expect(await decode(text('Hello'), finish(raw))).toMatchObject({ finishReason, rawFinishReason: raw });
  });

  it('is the last one, if there are two', async () => {
    expect(await decode(text('Hello'), finish('stop'), finish('length'))).toMatchObject({ finishReason: 'length' });
  });

  it('is a refusal where the model refused, in whatever words it ends', async () => {
    const completion = await decode(
      delta({ role: 'assistant', content: '', refusal: null }),
      delta({ refusal: 'I would ' }),
      delta({ refusal: 'rather not.' }),
      finish('stop'),
    );

    expect(completion).toMatchObject({ finishReason: 'refusal', rawFinishReason: 'stop', text: '' });
    expect(completion.message.parts).toEqual([{ type: 'refusal', text: 'I would rather not.' }]);
  });

  it('is a refusal in whole JSON too', async () => {
    const whole = { choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }] };

    const completion = await clientReading([JSON.stringify(whole)]).complete('hello');

    expect(completion).toMatchObject({
      finishReason: 'refusal',
      message: { parts: [{ type: 'refusal', text: 'No.' }] },
    });
  });

  it('of a filter is not taken for a refusal', async () => {
    expect(await decode(finish('content_filter'))).toMatchObject({ finishReason: 'content-filter', text: '' });
  });

  it('is tool-calls where calls were made and the server says stop', async () => {
    const call = delta({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'clock', arguments: '{}' } }] });

    expect(await decode(call, finish('stop'))).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'stop' });
    expect(await decode(call, finish('length'))).toMatchObject({ finishReason: 'length' });
  });
});

describe('usage', () => {
  it.each<[string, object, object]>([
    [
      'OpenAI',
      {
        prompt_tokens: 20,
        completion_tokens: 30,
        total_tokens: 50,
        prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 10 },
      },
      {
        inputTokens: 20,
        outputTokens: 30,
        totalTokens: 50,
        cachedInputTokens: 5,
        cacheWriteTokens: 2,
        reasoningTokens: 10,
      },
    ],
    [
      'DeepSeek',
      {
        prompt_tokens: 20,
        completion_tokens: 30,
        total_tokens: 50,
        prompt_cache_hit_tokens: 8,
        prompt_cache_miss_tokens: 12,
      },
      { inputTokens: 20, outputTokens: 30, totalTokens: 50, cachedInputTokens: 8 },
    ],
    [
      'xAI, which leaves reasoning out of the completion',
      {
        prompt_tokens: 12,
        completion_tokens: 2,
        total_tokens: 354,
        completion_tokens_details: { reasoning_tokens: 340 },
      },
      { inputTokens: 12, outputTokens: 342, totalTokens: 354, reasoningTokens: 340 },
    ],
    [
      'xAI, where it leaves cached tokens out of the prompt',
      { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6, prompt_tokens_details: { cached_tokens: 10 } },
      { inputTokens: 14, outputTokens: 2, totalTokens: 6, cachedInputTokens: 10 },
    ],
    [
      'a server that counts no reasoning',
      { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, completion_tokens_details: { reasoning_tokens: 0 } },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7, reasoningTokens: 0 },
    ],
    [
      'a server with nulls',
      {
        prompt_tokens: 3,
        completion_tokens: 4,
        total_tokens: 7,
        prompt_tokens_details: null,
        completion_tokens_details: null,
      },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    ['a server that counts one thing', { completion_tokens: 4 }, { outputTokens: 4 }],
  ])('of %s has what was sent, and nothing that was not', async (_, raw, counts) => {
    expect((await decode(text('Hello'), finish(), usage(raw), DONE)).usage).toEqual({ ...counts, raw });
  });

  const raw = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

  it.each<[string, string[]]>([
    ['the frame that finishes', [text('Hello'), delta({}, { finish_reason: 'stop' }, { usage: raw })]],
    ['a choice (Moonshot)', [text('Hello'), delta({}, { finish_reason: 'stop', usage: raw })]],
    ['a frame of its own, after the finish', [text('Hello'), finish(), usage(raw)]],
    ['a frame of its own without choices', [text('Hello'), finish(), frame({ usage: raw })]],
    ['a frame before the finish', [text('Hello'), usage(raw), finish()]],
    ['each frame, growing', [delta({ content: 'Hello' }, {}, { usage: { prompt_tokens: 3 } }), finish(), usage(raw)]],
    ['a whole answer', [text('Hello'), finish(), usage(raw), DONE, usage({ prompt_tokens: 99 })]],
  ])('may come in %s', async (_, frames) => {
    expect((await decode(...frames)).usage).toEqual({
      inputTokens: 3,
      outputTokens: 4,
      totalTokens: 7,
      raw,
    });
  });

  it('is absent where the server sends none', async () => {
    expect((await decode(text('Hello'), finish(), DONE)).usage).toBeUndefined();
  });
});

describe('fields of any shape', () => {
  const names = constantFrom(
    'reasoning',
    'reasoning_details',
    'thinking_blocks',
    'extra_content',
    'provider_specific_fields',
    'encrypted_content',
    'images',
    'audio',
    'annotations',
    'citations',
    'search_results',
    'context',
    'thinking',
    '__proto__',
  );
  // Reasoning that is a number or a boolean is an error.
  const shape = jsonValue().filter((value) => typeof value !== 'number' && typeof value !== 'boolean');

  it('next to the text do not break it, and the answer can be sent back', async () => {
    await check(
      asyncProperty(dictionary(names, shape), dictionary(names, shape), async (fields, others) => {
        const frames = [
          delta({ ...fields, content: 'Hel' }),
          delta({ ...others, content: 'lo' }, {}, { citations: fields['citations'], search_results: others['images'] }),
          frame({ choices: [{ message: { ...others, ...fields, content: 'Hello' }, finish_reason: 'stop' }] }),
          DONE,
        ];
        const client = clientReading([frames.join('')]);
        const { message, text: words } = await client.complete('hello');

        expect(words).toBe('Hello');
        await client.complete({ messages: [JSON.parse(JSON.stringify(message)), { role: 'user', content: 'And?' }] });
      }),
      { numRuns: 300 },
    );
  });

  it.each([null, { choices: [null] }, { choices: null, usage: 7, id: {}, model: [] }, { usage: 'many', id: 7 }])(
    'a chunk without content is skipped: %j',
    async (chunk) => {
      expect((await decode(frame(chunk), text('Hello'), finish(), DONE)).text).toBe('Hello');
    },
  );
});
