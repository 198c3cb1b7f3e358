import { LLMClient, type Completion, type HttpProvider } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import { answering } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

const run = { threadId: 'thread', runId: 'run' };
const api = 'http://127.0.0.1/api';

function answer(provider: HttpProvider, frames: readonly object[]): Promise<Completion> {
  const body = frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
  return new LLMClient({ provider, retry: false, fetch: answering(body) }).complete('hello');
}

function times(count: number, frames: (at: number) => readonly object[]): object[] {
  return Array.from({ length: count }, (_, at) => frames(at)).flat();
}

describe('an answer of eight times the length costs about eight times as much', () => {
  const text = 'word '.repeat(4);

  it.each<[string, (at: number) => readonly object[]]>([
    ['text', () => [{ type: 'text-delta', id: 't', delta: text }]],
    [
      'texts',
      (at) => [
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: `${at}` },
      ],
    ],
    ['reasoning', () => [{ type: 'reasoning-delta', id: 'r', delta: text }]],
    ['two texts at a time', (at) => [{ type: 'text-delta', id: `t-${at % 2}`, delta: text }]],
    ['text without an id', () => [{ type: 'text-delta', delta: text }]],
    ['text with metadata', (at) => [{ type: 'text-delta', id: 't', delta: text, providerMetadata: { a: { at } } }]],
    [
      'the input of a call',
      (at) => [
        at === 0
          ? { type: 'tool-input-start', toolCallId: 'c', toolName: 'f' }
          : { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: text },
      ],
    ],
    [
      'calls',
      (at) => [
        { type: 'tool-input-available', toolCallId: `c-${at}`, toolName: 'f', input: {} },
        { type: 'tool-output-available', toolCallId: `c-${at}`, output: 1 },
      ],
    ],
    [
      'steps that use the id of a call again',
      () => [
        { type: 'start-step' },
        { type: 'tool-input-available', toolCallId: 'c', toolName: 'f', input: {} },
        { type: 'tool-output-available', toolCallId: 'c', output: 1 },
      ],
    ],
    ['results of earlier calls', (at) => [{ type: 'tool-output-available', toolCallId: `c-${at}`, output: 1 }]],
    [
      'preliminary results',
      (at) => [{ type: 'tool-output-available', toolCallId: 'c', output: at, preliminary: true }],
    ],
    ['sources', (at) => [{ type: 'source-url', sourceId: `s-${at}`, url: 'https://a.example' }]],
    ['data that is replaced', (at) => [{ type: 'data-note', id: 'n', data: at }]],
    ['data', (at) => [{ type: 'data-note', id: `n-${at}`, data: at }]],
    ['steps', () => [{ type: 'start-step' }, { type: 'finish-step' }]],
    ['metadata that is replaced', (at) => [{ type: 'message-metadata', messageMetadata: { a: at } }]],
    ['metadata of other names', (at) => [{ type: 'message-metadata', messageMetadata: { [`a-${at}`]: at } }]],
    [
      'metadata of other names in an object',
      (at) => [{ type: 'message-metadata', messageMetadata: { a: { [`a-${at}`]: at } } }],
    ],
    [
      'text with metadata of other names',
      (at) => [{ type: 'text-delta', id: 't', delta: text, providerMetadata: { [`a-${at}`]: { at } } }],
    ],
    [
      'text with metadata of other names in an object',
      (at) => [{ type: 'text-delta', id: 't', delta: text, providerMetadata: { a: { [`a-${at}`]: at } } }],
    ],
  ])('uiMessageStream: %s', async (_, frames) => {
    const growth = await growthOf(
      (count) =>
        answer(uiMessageStream({ api }), [
          { type: 'text-delta', id: 'first', delta: 'x' },
          ...times(count, frames),
          { type: 'finish', finishReason: 'stop' },
        ]),
      350,
    );

    expect(growth).toBeLessThan(LINEAR);
  });

  const say = (messageId: string, delta: string): object => ({ type: 'TEXT_MESSAGE_CHUNK', messageId, delta });

  it.each<[string, (at: number) => readonly object[]]>([
    ['text', () => [say('m', text)]],
    ['texts', (at) => [say(`m-${at}`, 'x')]],
    ['reasoning', () => [{ type: 'REASONING_MESSAGE_CHUNK', messageId: 'r', delta: text }]],
    ['the arguments of a call', () => [{ type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'f', delta: text }]],
    [
      'calls',
      (at) => [
        { type: 'TOOL_CALL_START', toolCallId: `c-${at}`, toolCallName: 'f' },
        { type: 'TOOL_CALL_END', toolCallId: `c-${at}` },
        { type: 'TOOL_CALL_RESULT', toolCallId: `c-${at}`, content: 'x' },
      ],
    ],
    [
      'steps',
      () => [
        { type: 'STEP_STARTED', stepName: 's' },
        { type: 'STEP_FINISHED', stepName: 's' },
      ],
    ],
    ['states', (at) => [{ type: 'STATE_SNAPSHOT', snapshot: { at } }]],
    [
      'appends to a list of the state',
      (at) => [{ type: 'STATE_DELTA', delta: [{ op: 'add', path: at ? '/list/-' : '/list', value: at ? at : [] }] }],
    ],
    [
      'appends between texts',
      (at) => [
        { type: 'STATE_DELTA', delta: [{ op: 'add', path: at ? '/list/-' : '/list', value: at ? at : [] }] },
        say('m', 'x'),
      ],
    ],
    [
      'members of an object of the state',
      (at) => [{ type: 'STATE_DELTA', delta: [{ op: 'add', path: `/m-${at}`, value: at }] }],
    ],
    [
      'changes in the depth of a wide list',
      (at) => [
        {
          type: 'STATE_DELTA',
          delta: [{ op: 'add', path: at ? '/list/-' : '/list', value: at ? { n: 0 } : [] }],
        },
        { type: 'STATE_DELTA', delta: at > 1 ? [{ op: 'replace', path: `/list/${at - 2}/n`, value: at }] : [] },
      ],
    ],
    [
      'appends to an activity',
      (at) => [
        {
          type: 'ACTIVITY_DELTA',
          messageId: 'a',
          activityType: 'plan',
          patch: [{ op: 'add', path: at ? '/list/-' : '/list', value: at ? at : [] }],
        },
      ],
    ],
    [
      'snapshots of an activity',
      (at) => [{ type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'plan', content: { at } }],
    ],
    [
      'activities',
      (at) => [{ type: 'ACTIVITY_SNAPSHOT', messageId: `a-${at}`, activityType: 'plan', content: { at } }],
    ],
    [
      'snapshots of one new message',
      (at) => [
        say(`m-${at}`, `text ${at}`),
        { type: 'MESSAGES_SNAPSHOT', messages: [{ id: `n-${at}`, role: 'assistant', content: `text ${at}` }] },
      ],
    ],
    [
      'snapshots of one known message',
      (at) => [
        say(`m-${at}`, `text ${at}`),
        { type: 'MESSAGES_SNAPSHOT', messages: [{ id: `m-${at}`, role: 'assistant', content: `text ${at} more` }] },
      ],
    ],
    [
      'metadata of a message that is replaced',
      (at) => [{ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', delta: 'x', metadata: { at } }],
    ],
    [
      'metadata of other names',
      (at) => [{ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', delta: 'x', metadata: { [`a-${at}`]: at } }],
    ],
    [
      'metadata of other names of a call',
      (at) => [
        {
          type: 'TOOL_CALL_CHUNK',
          toolCallId: 'c',
          toolCallName: 'f',
          delta: 'x',
          metadata: { [`a-${at}`]: at },
        },
      ],
    ],
    ['text of a subagent', () => [{ ...say('m', text), subagentRunId: 's' }]],
    ['texts of a subagent', (at) => [{ ...say(`m-${at}`, 'x'), subagentRunId: 's' }]],
    [
      'subagents',
      (at) => [
        { type: 'SUBAGENT_STARTED', subagentRunId: `s-${at}`, name: 'Bob' },
        { ...say(`m-${at}`, 'x'), subagentRunId: `s-${at}` },
        { type: 'SUBAGENT_FINISHED', subagentRunId: `s-${at}` },
      ],
    ],
    ['custom events', (at) => [{ type: 'CUSTOM', name: 'note', value: at }]],
  ])('agui: %s', async (_, frames) => {
    const growth = await growthOf(
      (count) =>
        answer(agui({ api }), [
          { type: 'RUN_STARTED', ...run },
          say('first', 'x'),
          ...times(count, frames),
          { type: 'RUN_FINISHED', ...run },
        ]),
      350,
    );

    expect(growth).toBeLessThan(LINEAR);
  });
});

describe('metadata of many names is kept whole', () => {
  const names = Array.from({ length: 200 }, (_, at) => `name-${at}`);
  const all = Object.fromEntries(names.map((name, at) => [name, at]));

  it('uiMessageStream', async () => {
    const { message } = await answer(uiMessageStream({ api }), [
      { type: 'text-delta', id: 't', delta: 'Hi' },
      ...names.map((name, at) => ({ type: 'message-metadata', messageMetadata: { deep: { [name]: at } } })),
      { type: 'finish', finishReason: 'stop' },
    ]);

    expect(message.metadata).toEqual({ deep: all });
  });

  it('agui', async () => {
    const { message } = await answer(agui({ api }), [
      { type: 'RUN_STARTED', ...run },
      ...names.map((name, at) => ({
        type: 'TEXT_MESSAGE_CHUNK',
        messageId: 'm',
        delta: 'x',
        metadata: { [name]: at },
      })),
      { type: 'RUN_FINISHED', ...run },
    ]);

    expect(message.parts[0]?.providerMetadata).toMatchObject({ agui: { metadata: all } });
  });
});
