import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { describe, expect, it } from 'vitest';
import { growthOf, LINEAR } from '../../support/growth.ts';

type Frames = (count: number) => readonly unknown[];

const providers = { completions: openai(), responses: openaiResponses(), ollama: ollama() };
await providers.completions.load?.();

const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** Reads frames whose count grows, without what a run does with the events. */
function decodeAll(name: keyof typeof providers, frames: readonly unknown[]): Promise<void> {
  const decoder = providers[name].decoder();
  for (const frame of frames) decoder.push({ data: JSON.stringify(frame) });
  if (!decoder.done) decoder.end();
  return Promise.resolve();
}

const delta = (fields: object, rest: object = {}): object => ({ choices: [{ index: 0, delta: fields, ...rest }] });
const stop = delta({}, { finish_reason: 'stop' });
const call = (at: number, fields: object = {}): object => ({
  index: at,
  id: `call_${at}`,
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Oslo"}' },
  ...fields,
});
const same = (): object => ({ function: { name: 'weather', arguments: '{"city":"Oslo"}' } });

const COMPLETIONS: readonly (readonly [string, Frames])[] = [
  ['text', (count) => many(count, () => delta({ content: 'word ' }))],
  ['text in pieces', (count) => many(count, () => delta({ content: [{ type: 'text', text: 'word ' }] }))],
  ['text with a finish reason each', (count) => many(count, () => delta({ content: 'a' }, { finish_reason: 'stop' }))],
  ['reasoning', (count) => many(count, () => delta({ reasoning_content: 'hm ' }))],
  ['reasoning in two fields', (count) => many(count, (at) => delta({ reasoning: `${at}`, reasoning_content: 'hm ' }))],
  [
    'reasoning in tags and a field',
    (count) => many(count, () => delta({ content: '<think>a', reasoning_content: 'a' })),
  ],
  [
    'thoughts with other fields',
    (count) => many(count, (at) => delta({ content: [{ type: 'thinking', thinking: 'hm', [`field_${at}`]: at }] })),
  ],
  ['text and reasoning in turns', (count) => many(count, (at) => delta({ [at % 2 ? 'content' : 'reasoning']: 'a' }))],
  ['calls in a frame each', (count) => many(count, (at) => delta({ tool_calls: [call(at)] }))],
  ['calls in one frame', (count) => [delta({ tool_calls: many(count, call) })]],
  ['calls without ids', (count) => many(count, () => delta({ tool_calls: [same()] }))],
  ['calls with one index', (count) => many(count, (at) => delta({ tool_calls: [call(at, { index: 0 })] }))],
  [
    'arguments',
    (count) =>
      [delta({ tool_calls: [call(0, { function: { name: 'f', arguments: '{"a":"' } })] })].concat(
        many(count, () => delta({ tool_calls: [{ index: 0, function: { arguments: 'word ' } }] })),
      ),
  ],
  [
    'fields of a call',
    (count) => many(count, (at) => delta({ tool_calls: [call(0, { extra_content: { [`field_${at}`]: at } })] })),
  ],
  [
    'calls that a message repeats',
    (count) => [
      ...many(count, (at) => delta({ tool_calls: [call(at)] })),
      { choices: [{ message: { tool_calls: many(count, call) }, finish_reason: 'tool_calls' }] },
    ],
  ],
  [
    'equal calls that a message repeats in another order',
    (count) => [
      ...many(count, (at) => delta({ tool_calls: [call(at)] })),
      { choices: [{ message: { tool_calls: [{ function: { name: 'other' } }, ...many(count, same)] } }] },
    ],
  ],
  ['kept fields', (count) => many(count, (at) => delta({ extra_content: { [`field_${at}`]: at } }))],
  ['kept fields of other names', (count) => many(count, (at) => delta({ [`encrypted_${at}`]: 'a' }))],
  ['kept text', (count) => many(count, () => delta({ reasoning_opaque_text: 'a' }))],
  [
    'kept lists',
    (count) => many(count, () => delta({ reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] })),
  ],
  [
    'kept elements',
    (count) => many(count, (at) => delta({ reasoning_details: [{ type: 't', text: 'a', index: at }] })),
  ],
  [
    'kept lists of other names',
    (count) => many(count, (at) => delta({ extra_content: { [`list_${at}`]: [{ a: 1 }] } })),
  ],
  [
    'kept lists of whole messages',
    (count) =>
      many(count, (at) => ({ choices: [{ message: { [`thinking_${at}`]: [{ type: 't', thinking: 'a' }] } }] })),
  ],
  ['sources', (count) => many(count, (at) => delta({ annotations: [{ url: `https://a.example/${at}` }] }))],
  ['citations in one frame', (count) => [{ ...delta({}), citations: many(count, (at) => `https://a.example/${at}`) }]],
  ['images', (count) => many(count, (at) => delta({ images: [{ image_url: { url: `https://a.example/${at}` } }] }))],
  ['usage', (count) => many(count, () => ({ choices: [], usage: { prompt_tokens: 1 } }))],
  ['choices', (count) => [{ choices: many(count, (at) => ({ index: count - 1 - at, delta: { content: 'a' } })) }]],
  ['sound', (count) => many(count, () => delta({ audio: { id: 'a', transcript: 'word ', data: 'AAAA' } }))],
];

const response = (output: readonly unknown[]): object => ({
  type: 'response.completed',
  response: { id: 'r', status: 'completed', output },
});
const text = (at: number, rest: object = {}): object => ({
  type: 'response.output_text.delta',
  output_index: at,
  content_index: 0,
  delta: 'word ',
  ...rest,
});
const functionCall = (at: number): object => ({
  type: 'function_call',
  id: `fc_${at}`,
  call_id: `call_${at}`,
  name: 'weather',
  arguments: '{"city":"Oslo"}',
});
const message = (at: number): object => ({
  type: 'message',
  id: `msg_${at}`,
  content: [{ type: 'output_text', text: `word ${at}`, annotations: [{ url: `https://a.example/${at}` }] }],
});
const done = (at: number, item: object): object => ({ type: 'response.output_item.done', output_index: at, item });

const RESPONSES: readonly (readonly [string, Frames])[] = [
  ['text', (count) => many(count, () => text(0))],
  ['texts of one item', (count) => many(count, (at) => text(0, { content_index: at }))],
  ['text of other items', (count) => many(count, (at) => text(at))],
  [
    'reasoning',
    (count) => many(count, () => ({ type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'hm ' })),
  ],
  ['calls', (count) => many(count, (at) => done(at, functionCall(at)))],
  [
    'calls that the end repeats',
    (count) => [...many(count, (at) => done(at, functionCall(at))), response(many(count, functionCall))],
  ],
  [
    'calls that the end repeats under other ids',
    (count) => [
      ...many(count, (at) => done(at, functionCall(at))),
      response(many(count, (at) => ({ ...functionCall(at), id: `other_${at}`, call_id: `other_${at}` }))),
    ],
  ],
  [
    'arguments',
    (count) => [
      { type: 'response.output_item.added', output_index: 0, item: { ...functionCall(0), arguments: '' } },
      ...many(count, () => ({ type: 'response.function_call_arguments.delta', output_index: 0, delta: 'word ' })),
    ],
  ],
  ['items', (count) => many(count, (at) => done(at, { type: 'web_search_call', id: `ws_${at}` }))],
  ['messages', (count) => [...many(count, (at) => done(at, message(at))), response(many(count, message))]],
  ['messages at the end', (count) => [response(many(count, message))]],
  [
    'sources',
    (count) =>
      many(count, (at) => ({
        type: 'response.output_text.annotation.added',
        output_index: 0,
        annotation: { url: `https://a.example/${at}` },
      })),
  ],
  [
    'an item that is repeated',
    (count) =>
      many(count, (at) => [
        text(0, { content_index: at }),
        done(0, { type: 'message', id: 'msg', content: [] }),
      ]).flat(),
  ],
  [
    'a text that is repeated',
    (count) =>
      many(count, () => [
        text(0),
        done(0, { type: 'message', id: 'msg', content: [{ type: 'output_text', text: 'w' }] }),
      ]).flat(),
  ],
  [
    'items without an end',
    (count) => [
      ...many(count, (at) => ({ type: 'response.output_item.added', output_index: at, item: { type: 'mcp_call' } })),
      response([]),
    ],
  ],
];

const line = (fields: object): object => ({ model: 'model-1', message: fields, done: false });
const OLLAMA: readonly (readonly [string, Frames])[] = [
  ['text', (count) => many(count, () => line({ content: 'word ' }))],
  ['reasoning', (count) => many(count, () => line({ content: '', thinking: 'hm ' }))],
  [
    'calls',
    (count) => many(count, (at) => line({ tool_calls: [{ id: `c${at}`, function: { name: 'f', arguments: {} } }] })),
  ],
  [
    'calls in one line',
    (count) => [line({ tool_calls: many(count, () => ({ function: { name: 'f', arguments: {} } })) })],
  ],
  [
    'text that the last line repeats',
    (count) => [
      ...many(count, () => line({ content: 'word ' })),
      { message: { content: 'word '.repeat(count) }, done: true },
    ],
  ],
];

describe.each([
  ['completions', COMPLETIONS],
  ['responses', RESPONSES],
  ['ollama', OLLAMA],
] as const)('the decoder of %s costs as much as is received', (name, kinds) => {
  it.each(kinds)('%s', async (_, frames) => {
    const growth = await growthOf((count) => {
      const all = frames(count);
      return decodeAll(name, name === 'completions' ? [...all, stop] : all);
    }, 350);

    expect(growth).toBeLessThan(LINEAR);
  });
});
