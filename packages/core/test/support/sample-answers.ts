import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import type { HttpProvider } from '@rivulet/core';
import type { Json } from './well-formed-answer.ts';

/** Answers of one wire with every kind of content, to be mutated. */
export interface SampleWire {
  readonly name: string;
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

export const completions: SampleWire = {
  name: 'openai',
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

export const responses: SampleWire = {
  name: 'openai-responses',
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

export const local: SampleWire = {
  name: 'ollama',
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

const ANTHROPIC_ANSWER: readonly Json[] = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-1',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 2 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'x' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '', citations: [] } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Hello' } },
  {
    type: 'content_block_delta',
    index: 2,
    delta: {
      type: 'citations_delta',
      citation: { type: 'web', url: 'https://a.example', title: 'A', cited_text: 'b' },
    },
  },
  { type: 'content_block_stop', index: 2 },
  {
    type: 'content_block_start',
    index: 3,
    content_block: { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
  },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"query":"x"}' } },
  { type: 'content_block_stop', index: 3 },
  {
    type: 'content_block_start',
    index: 4,
    content_block: { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [{ encrypted_content: 'E' }] },
  },
  { type: 'content_block_stop', index: 4 },
  {
    type: 'content_block_start',
    index: 5,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'now', input: {}, caller: { type: 'code' } },
  },
  { type: 'content_block_delta', index: 5, delta: { type: 'input_json_delta', partial_json: '{"zone":' } },
  { type: 'content_block_delta', index: 5, delta: { type: 'input_json_delta', partial_json: '"UTC"}' } },
  { type: 'content_block_stop', index: 5 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_details: { explanation: 'a' } },
    usage: {
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 2 },
      iterations: [{ type: 'compaction', input_tokens: 1 }],
    },
  },
  { type: 'message_stop' },
];

const ANTHROPIC_WHOLE: readonly Json[] = [
  {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-1',
    content: [
      { type: 'thinking', thinking: 'Hm', signature: 'sig' },
      { type: 'text', text: 'Hello', citations: [{ url: 'https://a.example', title: 'A' }] },
      { type: 'tool_use', id: 'toolu_1', name: 'now', input: { zone: 'UTC' } },
      { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 3, output_tokens: 1 },
  },
];

export const messages: SampleWire = {
  name: 'anthropic',
  provider: anthropic({ baseURL: 'http://127.0.0.1' }),
  toBody: sse,
  answers: [ANTHROPIC_ANSWER, ANTHROPIC_WHOLE],
};

const GEMINI_ANSWER: readonly Json[] = [
  {
    responseId: 'r1',
    modelVersion: 'm1',
    candidates: [
      { index: 0, content: { role: 'model', parts: [{ text: 'Hm', thought: true, thoughtSignature: 'sig' }] } },
    ],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, thoughtsTokenCount: 2, totalTokenCount: 9 },
  },
  { candidates: [{ content: { parts: [{ text: 'Hel' }, { text: 'lo', partMetadata: { a: 1 } }] } }] },
  { candidates: [{ content: { parts: [{ functionCall: { id: 'c1', name: 'now', args: { zone: 'UTC' } } }] } }] },
  { candidates: [{ content: { parts: [{ functionCall: { name: 'cook', args: {}, willContinue: true } }] } }] },
  {
    candidates: [
      {
        content: {
          parts: [
            {
              functionCall: {
                partialArgs: [
                  { jsonPath: '$.steps[0].text', stringValue: 'Boil', willContinue: true },
                  { jsonPath: '$.__proto__.a', numberValue: 4 },
                  { jsonPath: '$.done', boolValue: true },
                ],
                willContinue: true,
              },
            },
            { functionCall: {} },
          ],
        },
      },
    ],
  },
  {
    candidates: [
      {
        content: {
          parts: [
            { inlineData: { mimeType: 'image/png', data: 'AA==' } },
            { fileData: { mimeType: 'image/png', fileUri: 'https://a.example' } },
            { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          ],
        },
      },
    ],
  },
  {
    candidates: [
      {
        finishReason: 'STOP',
        finishMessage: 'done',
        groundingMetadata: { groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }] },
        citationMetadata: { citationSources: [{ uri: 'https://b.example' }] },
      },
    ],
    usageMetadata: { promptTokenCount: 3 },
  },
];

export const generateContent: SampleWire = {
  name: 'gemini',
  provider: gemini({ baseURL: 'http://127.0.0.1' }),
  toBody: sse,
  answers: [GEMINI_ANSWER],
};

const run = { threadId: 'thread', runId: 'run' };
const started = { type: 'RUN_STARTED', ...run };
const finished = { type: 'RUN_FINISHED', ...run };

const UI_CHUNKS: readonly Json[] = [
  { type: 'start', messageId: 'answer', messageMetadata: { usage: { input: 1 }, tags: ['a'] } },
  { type: 'start-step' },
  { type: 'reasoning-start', id: 'r', providerMetadata: { anthropic: { signature: 's' } } },
  { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
  { type: 'reasoning-end', id: 'r' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Hello' },
  { type: 'text-end', id: 't', citations: [{ url: 'https://a.example' }] },
  { type: 'tool-input-start', toolCallId: 'c', toolName: 'pay', title: 'Pay', providerExecuted: true },
  { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"euro":5}' },
  { type: 'tool-input-available', toolCallId: 'c', toolName: 'pay', input: { euro: 5 }, toolMetadata: { a: 1 } },
  { type: 'tool-approval-request', toolCallId: 'c', approvalId: 'a', reason: 'Costly', signature: 's' },
  { type: 'tool-approval-response', approvalId: 'a', approved: true, reason: 'Fine' },
  { type: 'tool-output-available', toolCallId: 'c', output: { paid: true }, preliminary: true },
  { type: 'tool-output-available', toolCallId: 'c', output: { paid: true }, providerMetadata: { b: { id: 'r' } } },
  { type: 'tool-input-error', toolCallId: 'd', toolName: 'pay', input: '{"euro":', errorText: 'Not JSON' },
  { type: 'tool-output-error', toolCallId: 'd', errorText: 'Not JSON' },
  { type: 'tool-output-denied', toolCallId: 'c' },
  { type: 'start-step' },
  { type: 'source-url', sourceId: 'u', url: 'https://a.example', title: 'A' },
  { type: 'source-document', sourceId: 'd', mediaType: 'application/pdf', title: 'D', filename: 'd.pdf' },
  { type: 'file', url: 'data:image/png;base64,AA==', mediaType: 'image/png' },
  { type: 'reasoning-file', url: 'data:image/png;base64,AA==', mediaType: 'image/png' },
  { type: 'custom', kind: 'a.b', providerMetadata: { a: { id: 'x' } } },
  { type: 'steering-message', id: 's', parts: [{ type: 'text', text: 'Shorter' }] },
  { type: 'data-note', id: 'n', data: { x: [1] } },
  { type: 'data-progress', data: 0.5, transient: true },
  { type: 'message-metadata', messageMetadata: { usage: { output: 2 } } },
  { type: 'finish', finishReason: 'stop', messageMetadata: { done: true } },
];

const AGUI_EVENTS: readonly Json[] = [
  { ...started, input: { threadId: 'thread', runId: 'run', state: { list: ['a'] }, messages: [], tools: [] } },
  { type: 'STEP_STARTED', stepName: 'one' },
  { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
  { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'Hm' },
  { type: 'REASONING_MESSAGE_END', messageId: 'r' },
  {
    type: 'REASONING_ENCRYPTED_VALUE',
    subtype: 'message',
    entityId: 'r',
    encryptedValue: 'v',
    encryptedValueType: 't',
  },
  { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant', name: 'Ada', metadata: { a: 1 } },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hello' },
  { type: 'TEXT_MESSAGE_END', messageId: 'm' },
  { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'pay', parentMessageId: 'm' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"euro":5}' },
  { type: 'TOOL_CALL_END', toolCallId: 'c' },
  { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'res', content: 'paid' },
  { type: 'STATE_SNAPSHOT', snapshot: { list: ['a'], deep: { a: { b: 1 } } } },
  {
    type: 'STATE_DELTA',
    delta: [
      { op: 'add', path: '/list/-', value: 'b' },
      { op: 'replace', path: '/deep/a/b', value: 2 },
      { op: 'copy', from: '/list', path: '/copy' },
      { op: 'move', from: '/copy', path: '/deep/copy' },
      { op: 'test', path: '/list/0', value: 'a' },
      { op: 'remove', path: '/list/0' },
    ],
  },
  { type: 'ACTIVITY_SNAPSHOT', messageId: 'act', activityType: 'plan', content: { steps: [] }, replace: true },
  {
    type: 'ACTIVITY_DELTA',
    messageId: 'act',
    activityType: 'plan',
    patch: [{ op: 'add', path: '/steps/-', value: 1 }],
  },
  { type: 'CUSTOM', name: 'note', value: { x: 1 } },
  { type: 'RAW', event: { x: 1 }, source: 's' },
  { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'Bob', description: 'Helps', parentToolCallId: 'c' },
  { type: 'TEXT_MESSAGE_CHUNK', messageId: 'sm', subagentRunId: 's', delta: 'Sub' },
  { type: 'TOOL_CALL_CHUNK', toolCallId: 'sc', toolCallName: 'ask', subagentRunId: 's', delta: '{}' },
  { type: 'SUBAGENT_FINISHED', subagentRunId: 's', outcome: { type: 'suspended' }, result: { ok: true } },
  { type: 'SUBAGENT_ERROR', subagentRunId: 'z', message: 'No', code: 'x' },
  {
    type: 'MESSAGES_SNAPSHOT',
    messages: [
      { id: 'u', role: 'user', content: 'hello' },
      { id: 'm', role: 'assistant', content: 'Hello there', toolCalls: [] },
      {
        id: 'm2',
        role: 'assistant',
        content: [{ type: 'text', text: 'More' }],
        toolCalls: [{ id: 'c2', type: 'function', function: { name: 'pay', arguments: '{}' } }],
      },
      { id: 'res2', role: 'tool', toolCallId: 'c2', content: 'paid', error: 'Late' },
      { id: 'r2', role: 'reasoning', content: 'Hm hm' },
      { id: 'act2', role: 'activity', activityType: 'plan', content: { steps: [1] } },
    ],
  },
  {
    ...finished,
    result: { ok: true },
    outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'tool_call', toolCallId: 'sc' }] },
    pendingToolCallIds: ['sc'],
    usage: [{ inputTokens: 1, outputTokens: 2 }, { inputTokens: 3 }],
  },
];

export const uiMessages: SampleWire = {
  name: 'ui-message-stream',
  provider: uiMessageStream({ api: 'http://127.0.0.1' }),
  toBody: sse,
  answers: [UI_CHUNKS],
};

export const agents: SampleWire = {
  name: 'ag-ui',
  provider: agui({ api: 'http://127.0.0.1' }),
  toBody: sse,
  answers: [AGUI_EVENTS],
};

/** The counts of an agent with several models are a list, and broken calls of a subagent have an `Error`. */
export function isUnexpected(problem: string): boolean {
  return !problem.includes('usage.raw is object [') && !problem.includes('data is object {"subagentRunId"');
}
