import { LLMClient, LLMError, ParseError, type Completion, type StreamEvent } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering, failureOf, readAll } from './support/client.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
  type Json,
} from './support/well-formed-answer.ts';

type Wire = 'uiMessageStream' | 'agui';

function clientFor(wire: Wire, frames: readonly unknown[]): LLMClient {
  const api = 'http://127.0.0.1/api';
  const provider = wire === 'agui' ? agui({ api }) : uiMessageStream({ api });
  const body = frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
  return new LLMClient({ provider, retry: false, fetch: answering(body) });
}

const finish = { type: 'finish', finishReason: 'stop' };
const run = { threadId: 'thread', runId: 'run' };
const started = { type: 'RUN_STARTED', ...run };
const finished = { type: 'RUN_FINISHED', ...run };
const assistant = (fields: object): object => ({
  type: 'MESSAGES_SNAPSHOT',
  messages: [{ id: 'm', role: 'assistant', ...fields }],
});

/** The answer to these frames, between the frames that every answer has. */
function read(wire: Wire, ...frames: readonly unknown[]): Promise<Completion> {
  const all = wire === 'agui' ? [started, ...frames, finished] : [...frames, finish];
  return clientFor(wire, all).complete('hello');
}

describe('a value of the wrong type in a required place is a ParseError that names the place', () => {
  it.each<[Wire, string, unknown]>([
    ['uiMessageStream', 'the chunk', null],
    ['uiMessageStream', 'the chunk', 7],
    ['uiMessageStream', 'the chunk', 'text'],
    ['uiMessageStream', 'the chunk', [{ type: 'text-delta', id: 't', delta: 'Hi' }]],
    ['uiMessageStream', 'type', { type: ['text-delta'], delta: 'Hi' }],
    ['uiMessageStream', 'delta', { type: 'text-delta', id: 't', delta: { a: 1 } }],
    ['uiMessageStream', 'delta', { type: 'text-start', id: 't', delta: ['Hi'] }],
    ['uiMessageStream', 'delta', { type: 'reasoning-delta', id: 't', delta: 7 }],
    ['uiMessageStream', 'toolName', { type: 'tool-input-start', toolCallId: 'c' }],
    ['uiMessageStream', 'toolName', { type: 'tool-input-available', toolCallId: 'c', toolName: {}, input: {} }],
    ['uiMessageStream', 'toolName', { type: 'tool-input-error', toolCallId: 'c', toolName: '', input: '{' }],
    ['uiMessageStream', 'inputTextDelta', { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: {} }],
    ['uiMessageStream', 'url', { type: 'file', url: {}, mediaType: 'image/png' }],
    ['uiMessageStream', 'url', { type: 'reasoning-file', mediaType: 'image/png' }],
    ['uiMessageStream', 'parts', { type: 'steering-message', id: 's', parts: 'Shorter' }],
    ['agui', 'the event', null],
    ['agui', 'the event', 'RUN_FINISHED'],
    ['agui', 'the event', [finished]],
    ['agui', 'type', { type: 5 }],
    ['agui', 'delta', { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: { a: 1 } }],
    ['agui', 'delta', { type: 'REASONING_MESSAGE_CHUNK', messageId: 'm', delta: ['Hm'] }],
    ['agui', 'delta', { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'f', delta: {} }],
    ['agui', 'toolCallName', { type: 'TOOL_CALL_START', toolCallId: 'c' }],
    ['agui', 'toolCallName', { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: [], delta: '{}' }],
    ['agui', 'messages', { type: 'MESSAGES_SNAPSHOT', messages: { 0: {} } }],
    ['agui', 'messages[]', { type: 'MESSAGES_SNAPSHOT', messages: ['Hi'] }],
    ['agui', 'messages[].role', { type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'm', role: {}, content: 'Hi' }] }],
    ['agui', 'messages[].content', assistant({ content: { a: 1 } })],
    ['agui', 'messages[].content', assistant({ content: [{ type: 'text', text: {} }] })],
    ['agui', 'messages[].toolCalls', assistant({ toolCalls: {} })],
    ['agui', 'messages[].toolCalls[]', assistant({ toolCalls: ['f'] })],
    ['agui', 'messages[].toolCalls[].function', assistant({ toolCalls: [{ id: 'c', function: 'f' }] })],
    ['agui', 'messages[].toolCalls[].function.name', assistant({ toolCalls: [{ id: 'c', function: {} }] })],
    [
      'agui',
      'messages[].toolCalls[].function.arguments',
      assistant({ toolCalls: [{ id: 'c', function: { name: 'f', arguments: {} } }] }),
    ],
    ['agui', 'outcome', { ...finished, outcome: ['interrupt'] }],
    ['agui', 'outcome.interrupts', { ...finished, outcome: { type: 'interrupt', interrupts: {} } }],
    ['agui', 'delta', { type: 'STATE_DELTA', delta: { op: 'add', path: '/a', value: 1 } }],
    ['agui', 'delta[0]', { type: 'STATE_DELTA', delta: ['add'] }],
    ['agui', 'delta[0].op', { type: 'STATE_DELTA', delta: [{ op: {}, path: '/a' }] }],
    ['agui', 'delta[0].path', { type: 'STATE_DELTA', delta: [{ op: 'add', path: 7, value: 1 }] }],
    ['agui', 'delta[0].path', { type: 'STATE_DELTA', delta: [{ op: 'add', path: 'a', value: 1 }] }],
    ['agui', 'delta[0].from', { type: 'STATE_DELTA', delta: [{ op: 'copy', from: {}, path: '/a' }] }],
    ['agui', 'patch', { type: 'ACTIVITY_DELTA', messageId: 'm', activityType: 'plan', patch: 'x' }],
  ])('%s: %s of %j', async (wire, path, frame) => {
    const error = await failureOf(read(wire, { type: 'unknown' }, frame));

    expect(error).toBeInstanceOf(ParseError);
    expect((error as Error).message).toContain(`(${path} is `);
  });
});

describe('a value of the wrong type in a secondary place', () => {
  it.each<[Wire, object, object]>([
    [
      'uiMessageStream',
      { type: 'source-url', sourceId: {}, url: ['x'], title: {}, providerMetadata: 'x' },
      { type: 'source' },
    ],
    ['uiMessageStream', { type: 'source-url', sourceId: 7, url: 'https://a.example' }, { id: '7' }],
    [
      'uiMessageStream',
      { type: 'source-document', sourceId: 'd', mediaType: {}, title: 7, filename: [] },
      { type: 'source', id: 'd' },
    ],
    [
      'uiMessageStream',
      { type: 'file', url: 'https://a.example/a', mediaType: {}, providerMetadata: [] },
      { mediaType: 'application/octet-stream' },
    ],
    ['uiMessageStream', { type: 'text-delta', id: {}, delta: 'Hi', providerMetadata: 7 }, { type: 'text', text: 'Hi' }],
    ['uiMessageStream', { type: 'data-note', id: {}, data: { x: 1 } }, { name: 'note', data: { x: 1 } }],
    ['uiMessageStream', { type: 'custom', kind: {} }, { name: 'custom' }],
    [
      'uiMessageStream',
      { type: 'tool-input-available', toolCallId: 7, toolName: 'f', input: {}, title: {}, dynamic: 'yes' },
      { type: 'tool-call', id: '7', name: 'f' },
    ],
    [
      'uiMessageStream',
      { type: 'tool-input-available', toolCallId: {}, toolName: 'f', input: {} },
      { type: 'tool-call', id: expect.stringMatching(/./) as string },
    ],
    [
      'uiMessageStream',
      { type: 'tool-output-error', toolCallId: 'c', errorText: { code: 7 } },
      { type: 'tool-result', output: { code: 7 }, isError: true },
    ],
    ['agui', { type: 'CUSTOM', name: {}, value: 1 }, { name: 'custom', data: 1 }],
    ['agui', { type: 'TEXT_MESSAGE_CHUNK', messageId: {}, role: {}, delta: 'Hi' }, { type: 'text', text: 'Hi' }],
    ['agui', { type: 'TOOL_CALL_CHUNK', toolCallId: [], toolCallName: 'f', delta: '{}' }, { type: 'tool-call' }],
    ['agui', { type: 'TOOL_CALL_RESULT', toolCallId: {}, messageId: {}, content: 'x' }, { output: 'x' }],
    ['agui', { type: 'ACTIVITY_SNAPSHOT', messageId: 7, activityType: {}, content: 1 }, { name: 'activity', id: '7' }],
    ['agui', { type: 'SUBAGENT_STARTED', subagentRunId: 7, name: {} }, { name: 'subagent', id: '7' }],
  ])('%s: of %j is left out or replaced', async (wire, frame, expected) => {
    const completion = await read(wire, frame);

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(completion.message.parts).toMatchObject([expected]);
  });
});

it('an error chunk whose text is an object names the fields of the object', async () => {
  const error = await failureOf(read('uiMessageStream', { type: 'error', errorText: { message: 'Out of tokens' } }));

  expect(error).toBeInstanceOf(LLMError);
  expect((error as Error).message).toContain('Out of tokens');
});

it('a finish reason that is no text is not taken for a regular end', async () => {
  const { finishReason, rawFinishReason } = await clientFor('uiMessageStream', [
    { type: 'finish', finishReason: { unified: 'stop' } },
  ]).complete('hello');

  expect({ finishReason, rawFinishReason }).toEqual({ finishReason: 'other', rawFinishReason: undefined });
});

const uiChunks: Json[] = [
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

const aguiEvents: Json[] = [
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

describe('frames that are broken at random places', () => {
  it.each<[Wire, Json[]]>([
    ['uiMessageStream', uiChunks],
    ['agui', aguiEvents],
  ])('of %s give a well-formed answer or a typed error', async (wire, frames) => {
    const intact = await clientFor(wire, frames).complete('hello');
    expect(problemsOfCompletion(intact).filter(isUnexpected)).toEqual([]);

    await assert(
      asyncProperty(nat(), async (seed) => {
        const answer = clientFor(wire, mutateSome(frames, createRandom(seed))).stream('hello');
        const { items } = await readAll<StreamEvent>(answer);
        expect(problemsOfEvents(items).filter(isUnexpected)).toEqual([]);
        expect(pollution()).toEqual([]);
        const outcome = await answer.result.catch((error: unknown) => error);
        if (!(outcome instanceof Error)) {
          expect(problemsOfCompletion(outcome).filter(isUnexpected)).toEqual([]);
          return;
        }
        expect(outcome).toBeInstanceOf(LLMError);
        const { code, partial } = outcome as LLMError;
        expect(code).not.toBe('unknown');
        expect(code).not.toBe('network');
        expect(problemsOfCompletion(partial, true).filter(isUnexpected)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** The counts of an agent with several models are a list, and broken calls of a subagent have an `Error`. */
function isUnexpected(problem: string): boolean {
  return !problem.includes('usage.raw is object [') && !problem.includes('data is object {"subagentRunId"');
}
