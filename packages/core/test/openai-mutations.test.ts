import { LLMClient, type Completion, type HttpProvider, type StreamEvent } from '@rivulet/core';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { assert as check, asyncProperty, constantFrom, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering } from './support/client.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
  type Json,
} from './support/well-formed-answer.ts';

interface Sample {
  readonly provider: HttpProvider;
  readonly toBody: (frames: readonly Json[]) => string;
  readonly answers: readonly (readonly Json[])[];
}

const sse = (frames: readonly Json[]): string => frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
const lines = (frames: readonly Json[]): string => frames.map((frame) => `${JSON.stringify(frame)}\n`).join('');

const chunk = (delta: Json, finish: Json = null, rest: Readonly<Record<string, Json>> = {}): Json => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'model-1',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  usage: null,
  ...rest,
});

const COUNTS: Json = {
  prompt_tokens: 9,
  completion_tokens: 12,
  total_tokens: 21,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 3 },
};

const completions: Sample = {
  provider: openai({ baseURL: 'http://127.0.0.1' }),
  toBody: (frames) => `${sse(frames)}data: [DONE]\n\n`,
  answers: [
    [
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: '<think>Hm' }),
      chunk({ content: '</think>Hello' }),
      chunk({
        content: ' you',
        annotations: [{ type: 'url_citation', url_citation: { url: 'https://a', title: 'A' } }],
      }),
      chunk({}, 'stop', { citations: ['https://b'], search_results: [{ url: 'https://c', title: 'C' }] }),
      chunk({}, null, { choices: [], usage: COUNTS }),
    ],
    [
      chunk({ role: 'assistant', content: null, reasoning_content: 'Let me ' }),
      chunk({
        reasoning: 'see',
        reasoning_content: 'see',
        reasoning_details: [{ type: 'reasoning.text', text: 'see' }],
      }),
      chunk({ content: null, extra_content: { google: { thought_signature: 'c2ln' } } }),
      chunk({
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
          {
            index: 1,
            id: 'call_2',
            type: 'function',
            function: { name: 'time', arguments: '{"at"' },
            extra_content: { a: 1 },
          },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":"Oslo"}' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: ':1}' } }] }),
      chunk({}, 'tool_calls', { usage: COUNTS }),
    ],
    [
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: false }] }),
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: '.' }], signature: 'c2ln' }] }),
      chunk({
        content: [
          { type: 'text', text: 'Yes' },
          { type: 'reference', reference_ids: [1] },
        ],
      }),
      chunk({ audio: { id: 'audio_1', transcript: ' and no', data: 'AAAA' } }),
      chunk({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }),
      chunk({ refusal: 'But no' }, 'stop'),
    ],
    [
      {
        id: 'chatcmpl-1',
        model: 'model-1',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: 'Hello',
              reasoning_content: 'Hm',
              tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } }],
              function_call: { name: 'f', arguments: '{}' },
            },
            finish_reason: 'stop',
          },
        ],
        usage: COUNTS,
      },
    ],
    [{ choices: [{ index: 0, text: 'Hello', finish_reason: 'stop' }], usage: COUNTS }],
  ],
};

const AT = { output_index: 0, content_index: 0, item_id: 'msg_1' };
const response = (status: string, output: readonly Json[] = [], usage: Json = null): Json => ({
  type: `response.${status}`,
  response: { id: 'resp_1', object: 'response', model: 'model-1', status, store: true, output, usage, error: null },
});
const MESSAGE = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [
    {
      type: 'output_text',
      text: 'Hello',
      annotations: [
        { type: 'url_citation', url: 'https://a', title: 'A' },
        { type: 'file_citation', file_id: 'file_1', filename: 'a.pdf' },
      ],
    },
  ],
};
const REASONING = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'Hm' }],
  encrypted_content: 'gAAA',
};
const CALL = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' };
const RESPONSE_COUNTS: Json = {
  input_tokens: 1,
  output_tokens: 2,
  total_tokens: 3,
  input_tokens_details: { cached_tokens: 1 },
  output_tokens_details: { reasoning_tokens: 1 },
};

const responses: Sample = {
  provider: openaiResponses({ baseURL: 'http://127.0.0.1' }),
  toBody: sse,
  answers: [
    [
      response('in_progress'),
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { ...REASONING, summary: [], encrypted_content: null },
      },
      {
        type: 'response.reasoning_summary_part.added',
        output_index: 1,
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      },
      { type: 'response.reasoning_summary_text.delta', output_index: 1, summary_index: 0, delta: 'Hm' },
      { type: 'response.reasoning_summary_text.done', output_index: 1, summary_index: 0, text: 'Hm' },
      { type: 'response.output_item.done', output_index: 1, item: REASONING },
      { type: 'response.output_item.added', output_index: 0, item: { ...MESSAGE, content: [] } },
      { type: 'response.content_part.added', ...AT, part: { type: 'output_text', text: '' } },
      { type: 'response.output_text.delta', ...AT, delta: 'Hel', sequence_number: 4 },
      { type: 'response.output_text.delta', ...AT, delta: 'lo', sequence_number: 5 },
      {
        type: 'response.output_text.annotation.added',
        ...AT,
        annotation: { type: 'url_citation', url: 'https://a', title: 'A' },
      },
      { type: 'response.output_text.done', ...AT, text: 'Hello' },
      { type: 'response.output_item.done', output_index: 0, item: MESSAGE },
      response('completed', [REASONING, MESSAGE], RESPONSE_COUNTS),
    ],
    [
      response('in_progress'),
      { type: 'response.output_item.added', output_index: 0, item: { ...CALL, arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: '{"city":' },
      { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: '"Oslo"}' },
      { type: 'response.function_call_arguments.done', output_index: 0, item_id: 'fc_1', arguments: CALL.arguments },
      { type: 'response.output_item.done', output_index: 0, item: CALL },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { type: 'mcp_call', id: 'mcp_1', name: 'add', output: '1' },
      },
      {
        type: 'response.output_item.done',
        output_index: 2,
        item: { type: 'image_generation_call', id: 'ig_1', result: 'AAAA', output_format: 'webp' },
      },
      {
        type: 'response.output_item.done',
        output_index: 3,
        item: { type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'SELECT 1' },
      },
      { type: 'response.output_item.done', output_index: 4, item: { type: 'mcp_approval_request', id: 'mcpr_1' } },
      response('completed', [CALL], RESPONSE_COUNTS),
    ],
    [
      { type: 'response.refusal.delta', ...AT, delta: 'No' },
      { type: 'response.refusal.done', ...AT, refusal: 'No' },
      {
        type: 'response.incomplete',
        response: {
          id: 'resp_1',
          status: 'incomplete',
          output: [],
          incomplete_details: { reason: 'max_output_tokens' },
        },
      },
    ],
    [
      {
        id: 'resp_1',
        object: 'response',
        model: 'model-1',
        status: 'completed',
        output: [REASONING, MESSAGE, CALL],
        usage: RESPONSE_COUNTS,
      },
    ],
  ],
};

const local: Sample = {
  provider: ollama(),
  toBody: lines,
  answers: [
    [
      {
        model: 'model-1',
        created_at: '2026',
        message: { role: 'assistant', content: '', thinking: 'Hm' },
        done: false,
      },
      { model: 'model-1', message: { role: 'assistant', content: '<think>See' }, done: false },
      { model: 'model-1', message: { role: 'assistant', content: '</think>Hello' }, done: false },
      {
        model: 'model-1',
        message: {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'c', function: { index: 0, name: 'f', arguments: { a: 1 } } }],
        },
        done: false,
      },
      {
        model: 'model-1',
        message: { role: 'assistant', content: '' },
        done_reason: 'stop',
        done: true,
        prompt_eval_count: 3,
        eval_count: 4,
        total_duration: 5,
      },
    ],
  ],
};

async function read(
  { provider, toBody }: Sample,
  frames: readonly Json[],
): Promise<{ problems: string[]; isDone: boolean }> {
  const client = new LLMClient({ provider, model: 'model-1', retry: false, fetch: answering(toBody(frames)) });
  const run = client.stream('hello');
  const events: StreamEvent[] = [];
  const outcome: unknown = await (async () => {
    for await (const event of run) events.push(event);
    return run.result;
  })().catch((error: unknown) => error);
  const problems = problemsOfEvents(events);
  if (!(outcome instanceof Error)) return { problems: [...problems, ...problemsOfCompletion(outcome)], isDone: true };
  const { code, partial, stack } = outcome as Error & { code?: string; partial?: Completion };
  // A connection that failed would be an error that no decoder meant.
  if (!['parse', 'truncated', 'server', 'invalid_request'].includes(code ?? '')) problems.push(`${code} ${stack}`);
  if (partial) problems.push(...problemsOfCompletion(partial, true));
  return { problems, isDone: false };
}

describe.each([
  ['Chat Completions', completions],
  ['Responses', responses],
  ['Ollama', local],
])('an answer of %s', (_, sample) => {
  it('is complete as it is', async () => {
    for (const frames of sample.answers) {
      expect(await read(sample, frames)).toEqual({ problems: [], isDone: true });
    }
  });

  it('with values of other types is well formed, or an error', async () => {
    await check(
      asyncProperty(constantFrom(...sample.answers), integer(), async (frames, seed) => {
        const mutated = mutateSome(frames, createRandom(seed));

        expect((await read(sample, mutated)).problems, JSON.stringify(mutated)).toEqual([]);
        expect(pollution()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
