import { LLMClient, LLMError, ParseError, type Completion, type StreamEvent } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering, failureOf, readAll } from '../../support/client.ts';
import { agents, isUnexpected, uiMessages } from '../../support/sample-answers.ts';
import {
  createRandom,
  mutateSome,
  pollution,
  problemsOfCompletion,
  problemsOfEvents,
  type Json,
} from '../../support/well-formed-answer.ts';

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

describe('frames that are broken at random places', () => {
  it.each<[Wire, readonly Json[]]>([
    ['uiMessageStream', uiMessages.answers[0]!],
    ['agui', agents.answers[0]!],
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
