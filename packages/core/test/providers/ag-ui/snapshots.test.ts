import type { GenerateRequest, Part, StreamEvent } from '@rivulet/core';
import { array, assert, asyncProperty, constantFrom, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete, finished, startAgent, started, streamEvents } from '../../support/ag-ui.ts';
import { readAll } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

const user = { id: 'u', role: 'user', content: 'hello' };
const chunk = (messageId: string, delta: string): object => ({
  type: 'TEXT_MESSAGE_CHUNK',
  messageId,
  role: 'assistant',
  delta,
});
const content = (messageId: string, delta: string): object => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta });
const start = (messageId: string): object => ({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' });
const end = (messageId: string): object => ({ type: 'TEXT_MESSAGE_END', messageId });
const snapshot = (...messages: readonly object[]): object => ({ type: 'MESSAGES_SNAPSHOT', messages });
const said = (id: string, text: string, ...toolCalls: readonly object[]): object => ({
  id,
  role: 'assistant',
  content: text,
  ...(toolCalls.length > 0 && { toolCalls }),
});
const call = (id: string, name: string, input: string): object => ({
  id,
  type: 'function',
  function: { name, arguments: input },
});
const answered = (id: string, toolCallId: string, text: string): object => ({
  id,
  role: 'tool',
  toolCallId,
  content: text,
});
const thought = (id: string, text: string): object => ({ id, role: 'reasoning', content: text });

/** The parts of an answer in short. */
function essence(parts: readonly Part[]): string[] {
  return parts.map((part) => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return `${part.type}: ${part.text}`;
      case 'tool-call':
        return `${part.name}(${part.rawInput})${'input' in part ? '' : '…'}`;
      case 'tool-result':
        return `${part.isError ? 'failed' : 'result'}: ${JSON.stringify(part.output)}`;
      case 'data':
        return `${part.name}: ${JSON.stringify(part.data)}`;
      default:
        return part.type;
    }
  });
}

describe('MESSAGES_SNAPSHOT', () => {
  it.each<[string, object[], string[]]>([
    ['is the whole answer if nothing streamed', [snapshot(user, said('a', 'Hello'))], ['text: Hello']],
    [
      'adds a message that did not stream',
      [chunk('a', 'I look.'), snapshot(user, said('a', 'I look.'), said('b', 'It is warm.'))],
      ['text: I look.', 'text: It is warm.'],
    ],
    [
      'continues a text that streamed in part',
      [chunk('a', 'Hel'), snapshot(user, said('a', 'Hello'))],
      ['text: Hello'],
    ],
    [
      'adds calls, results and the text after them',
      [
        chunk('a', 'I look.'),
        snapshot(
          user,
          said('a', 'I look.', call('c', 'weather', '{"city":"Oslo"}')),
          answered('t', 'c', '21'),
          said('b', 'Warm.'),
        ),
      ],
      ['text: I look.', 'weather({"city":"Oslo"})', 'result: "21"', 'text: Warm.'],
    ],
    [
      'adds a result to a call that streamed',
      [
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'weather', parentMessageId: 'a' },
        { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"city":' },
        snapshot(user, said('a', '', call('c', 'weather', '{"city":"Oslo"}')), answered('t', 'c', '21')),
      ],
      ['weather({"city":"Oslo"})', 'result: "21"'],
    ],
    [
      'completes a call whose arguments did not stream',
      [
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'weather' },
        { type: 'TOOL_CALL_END', toolCallId: 'c' },
        snapshot(user, said('a', '', call('c', 'weather', '{"city":"Oslo"}'))),
      ],
      ['weather({"city":"Oslo"})'],
    ],
    [
      'adds reasoning and activities',
      [
        chunk('a', 'Hi'),
        snapshot(user, thought('r', 'Hm.'), said('a', 'Hi'), {
          id: 'p',
          role: 'activity',
          activityType: 'PLAN',
          content: { steps: 1 },
        }),
      ],
      ['text: Hi', 'reasoning: Hm.', 'PLAN: {"steps":1}'],
    ],
    [
      'adds a failed result with its content',
      [snapshot(user, said('a', '', call('c', 'f', '{}')), { ...answered('t', 'c', 'half'), error: 'Timed out' })],
      ['f({})', 'failed: "half"'],
    ],
    [
      'adds the error of a failed result that is empty',
      [snapshot(user, said('a', '', call('c', 'f', '{}')), { ...answered('t', 'c', ''), error: 'Timed out' })],
      ['f({})', 'failed: "Timed out"'],
    ],
    [
      'ignores earlier turns',
      [
        chunk('b', 'Two'),
        snapshot(
          { ...user, id: 'u0' },
          thought('r0', 'Old'),
          said('a', 'One'),
          user,
          said('b', 'Two'),
          said('c', 'Three'),
        ),
      ],
      ['text: Two', 'text: Three'],
    ],
    [
      'ignores the messages of other roles',
      [snapshot(user, { id: 's', role: 'system', content: 'Be brief.' }, { id: 'd', role: 'developer', content: 'x' })],
      [],
    ],
    [
      'recognizes a streamed text under another id',
      [chunk('a', 'Hello'), chunk('b', 'World'), snapshot(user, said('x', 'Hello'), said('y', 'World'))],
      ['text: Hello', 'text: World'],
    ],
    [
      'continues a streamed text under another id, and so do later events',
      [chunk('a', 'Hel'), snapshot(user, said('x', 'Hello')), chunk('x', ' dear'), chunk('a', ' world')],
      ['text: Hello dear world'],
    ],
    [
      'recognizes a shorter text under another id',
      [chunk('a', 'Hello. '), snapshot(user, said('x', 'Hello.'))],
      ['text: Hello. '],
    ],
    [
      'recognizes streamed reasoning under another id',
      [
        { type: 'REASONING_MESSAGE_CHUNK', messageId: 'r', delta: 'Hm.' },
        chunk('a', 'So.'),
        snapshot(user, thought('r-canonical', 'Hm.'), said('a', 'So.')),
      ],
      ['reasoning: Hm.', 'text: So.'],
    ],
    [
      'recognizes streamed texts that it has as one, under another id',
      [chunk('a', 'One. '), chunk('b', 'Two.'), snapshot(user, said('x', 'One. Two. Three.'))],
      ['text: One. ', 'text: Two. Three.'],
    ],
    [
      'recognizes streamed texts that it has as one, under the id of the first',
      [chunk('a', 'One. '), chunk('b', 'Two.'), snapshot(user, said('a', 'One. Two.'), said('c', 'Three.'))],
      ['text: One. ', 'text: Two.', 'text: Three.'],
    ],
    [
      'adds the same text twice if two messages have it',
      [chunk('a', 'OK'), snapshot(user, said('x', 'OK'), said('y', 'OK'))],
      ['text: OK', 'text: OK'],
    ],
    [
      'keeps a streamed text that it contradicts',
      [chunk('a', 'Hello wrld'), snapshot(user, said('a', 'Hello world, all'), said('b', 'More'))],
      ['text: Hello wrld', 'text: More'],
    ],
    [
      'keeps a streamed text that it has only the start of',
      [chunk('a', 'Hello'), snapshot(user, said('a', 'Hel')), content('a', ' world')],
      ['text: Hello world'],
    ],
    [
      'keeps a result that it contradicts',
      [
        { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'f', delta: '{}' },
        { type: 'TOOL_CALL_RESULT', messageId: 't', toolCallId: 'c', content: '21' },
        snapshot(user, said('a', '', call('c', 'f', '{"x":1}')), answered('t', 'c', '22')),
      ],
      ['f({})', 'result: "21"'],
    ],
    [
      'keeps messages that it does not have',
      [chunk('a', 'Searching'), snapshot(user, said('b', 'The answer is 42.'))],
      ['text: Searching', 'text: The answer is 42.'],
    ],
    [
      'before the events: they repeat it',
      [snapshot(user, said('a', 'Hello')), start('a'), content('a', 'Hel'), content('a', 'lo world'), end('a')],
      ['text: Hello world'],
    ],
    [
      'before the events: they continue it',
      [snapshot(user, said('a', 'Hello')), start('a'), content('a', ', world'), end('a')],
      ['text: Hello, world'],
    ],
    [
      'before the events: they differ after the same start',
      [snapshot(user, said('a', 'Hello')), start('a'), content('a', 'He'), content('a', 'y!'), end('a')],
      ['text: HelloHey!'],
    ],
    [
      'before the events: the text of a message that ended is not compared again',
      [
        snapshot(user, said('a', 'Ha')),
        start('a'),
        content('a', 'Ha'),
        end('a'),
        start('a'),
        content('a', 'Ha'),
        end('a'),
      ],
      ['text: HaHa'],
    ],
    [
      'before the events: they repeat a call and its result',
      [
        snapshot(user, said('a', 'Hm', call('c', 'weather', '{"city":"Oslo"}')), answered('t', 'c', '21')),
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'weather', parentMessageId: 'a' },
        { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"city":"' },
        { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: 'Oslo"}' },
        { type: 'TOOL_CALL_END', toolCallId: 'c' },
        { type: 'TOOL_CALL_RESULT', messageId: 't', toolCallId: 'c', content: '21' },
      ],
      ['text: Hm', 'weather({"city":"Oslo"})', 'result: "21"'],
    ],
    [
      'between the events is ahead of them',
      [start('a'), content('a', 'Hel'), snapshot(user, said('a', 'Hello')), content('a', 'lo'), content('a', ' world')],
      ['text: Hello world'],
    ],
    [
      'several times, each with more',
      [
        snapshot(user),
        snapshot(user, said('a', 'One')),
        chunk('b', 'Tw'),
        snapshot(user, said('a', 'One, and'), said('b', 'Two')),
        chunk('b', 'o, too'),
        snapshot(user, said('a', 'One, and'), said('b', 'Two, too'), said('c', 'Three')),
        snapshot(user, said('a', 'One, and'), said('b', 'Two, too'), said('c', 'Three')),
      ],
      ['text: One, and', 'text: Two, too', 'text: Three'],
    ],
    [
      'after a user message that streams',
      [
        { type: 'TEXT_MESSAGE_CHUNK', messageId: 'u', role: 'user', delta: 'hello' },
        chunk('a', 'Hi'),
        snapshot(user, said('a', 'Hi there')),
      ],
      ['text: Hi there'],
    ],
    [
      'with content as parts',
      [snapshot(user, { id: 'a', role: 'assistant', content: [{ type: 'text', text: 'Hi' }] })],
      ['text: Hi'],
    ],
    ['without messages', [chunk('a', 'Hi'), { type: 'MESSAGES_SNAPSHOT' }], ['text: Hi']],
    [
      'with messages that lack most of their fields',
      [
        chunk('a', 'Hi'),
        {
          type: 'MESSAGES_SNAPSHOT',
          messages: [
            null,
            {},
            { role: 'assistant' },
            { id: 1, role: 'assistant', content: null },
            { id: 'q', role: 'tool' },
            { id: 'z', role: 'assistant', content: null, toolCalls: [null] },
          ],
        },
      ],
      ['text: Hi', 'result: undefined'],
    ],
  ])('%s', async (_, events, expected) => {
    await using agent = await startAgent([started, ...events, finished]);
    const run = agent.client.stream('hello');
    const { items } = await readAll<StreamEvent>(run);
    const { message } = await run.result;

    expect(essence(message.parts)).toEqual(expected);
    expect(essence(fold(items).message?.parts ?? [])).toEqual(expected);

    await assert(
      asyncProperty(array(nat(), { maxLength: 8 }), async (cuts) => {
        agent.answer([started, ...events, finished], cuts);
        expect(essence((await agent.client.complete('hello')).message.parts)).toEqual(expected);
      }),
      { numRuns: 3 },
    );
  });

  it.each<[string, GenerateRequest, object[], string[]]>([
    [
      'messages of the request are not the answer',
      { messages: [{ id: 'u-1', role: 'user', content: 'hello' }] },
      [snapshot({ id: 'u-1', role: 'user', content: 'hello' }, said('a', 'Hi'))],
      ['text: Hi'],
    ],
    [
      'a user message that the agent adds does not hide what came before it',
      { messages: [{ id: 'u-1', role: 'user', content: 'hello' }] },
      [
        snapshot(
          { id: 'u-1', role: 'user', content: 'hello' },
          said('a', 'First'),
          { id: 'by-the-agent', role: 'user', content: 'Now check it' },
          said('b', 'Checked'),
        ),
      ],
      ['text: First', 'text: Checked'],
    ],
    [
      'earlier turns are not the answer if the backend keeps the id of the system message alone',
      { messages: [{ id: 's', role: 'system', content: 'Be brief.' }], prompt: 'hello' },
      [
        snapshot(
          { id: 's', role: 'system', content: 'Be brief.' },
          { id: 'x0', role: 'user', content: 'before' },
          said('x1', 'Old'),
          { id: 'x2', role: 'user', content: 'hello' },
          said('x3', 'New'),
        ),
      ],
      ['text: New'],
    ],
    [
      'earlier steps of the answer are not added again, with the same ids',
      {
        messages: [
          { id: 'u-1', role: 'user', content: 'hello' },
          {
            id: 'a-1',
            role: 'assistant',
            parts: [
              { type: 'text', text: 'I look.' },
              { type: 'tool-call', id: 'c', name: 'clock', rawInput: '{}', input: {} },
              { type: 'tool-result', toolCallId: 'c', output: 'noon' },
            ],
          },
        ],
      },
      [
        snapshot(
          { id: 'u-1', role: 'user', content: 'hello' },
          said('a-1', 'I look.', call('c', 'clock', '{}')),
          answered('a-1-1', 'c', 'noon'),
          said('a-2', 'It is noon.'),
        ),
      ],
      ['text: It is noon.'],
    ],
    [
      'earlier steps of the answer are not added again, with other ids',
      {
        messages: [
          { id: 'u-1', role: 'user', content: 'hello' },
          {
            id: 'a-1',
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'Hm.' },
              { type: 'text', text: 'I look.' },
              { type: 'tool-call', id: 'c', name: 'clock', rawInput: '{}', input: {} },
              { type: 'tool-result', toolCallId: 'c', output: 'noon' },
            ],
          },
        ],
      },
      [
        snapshot(
          { id: 'x0', role: 'user', content: 'hello' },
          thought('x1', 'Hm.'),
          said('x2', 'I look.', call('c', 'clock', '{}')),
          answered('x3', 'c', 'noon'),
          said('x4', 'It is noon.'),
          said('x5', 'I look.'),
        ),
      ],
      ['text: It is noon.', 'text: I look.'],
    ],
    [
      'the result of a call of the request is of this answer',
      {
        messages: [
          { id: 'u-1', role: 'user', content: 'hello' },
          {
            id: 'a-1',
            role: 'assistant',
            parts: [
              {
                type: 'tool-call',
                id: 'c',
                name: 'pay',
                rawInput: '{}',
                input: {},
                approval: { id: 'i', approved: true },
              },
            ],
          },
        ],
      },
      [
        snapshot(
          { id: 'u-1', role: 'user', content: 'hello' },
          said('a-1', '', call('c', 'pay', '{}')),
          answered('t', 'c', 'paid'),
          said('a-2', 'Done.'),
        ),
      ],
      ['result: "paid"', 'text: Done.'],
    ],
  ])('%s', async (_, request, events, expected) => {
    const server = await startAgent();
    await using agent = server;
    agent.server.answer(({ body }) => {
      const { threadId, runId } = JSON.parse(body) as { threadId: string; runId: string };
      const list = [{ type: 'RUN_STARTED', threadId, runId }, ...events, { type: 'RUN_FINISHED', threadId, runId }];
      return { chunks: [{ text: list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') }] };
    });

    expect(essence((await agent.client.complete(request)).message.parts)).toEqual(expected);
  });

  it('finds the request by its thread if the backend has another run id', async () => {
    await using agent = await startAgent();
    agent.server.answer(({ body }) => {
      const { threadId } = JSON.parse(body) as { threadId: string };
      const list = [
        { type: 'RUN_STARTED', threadId, runId: 'of-the-backend' },
        { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/n', value: 1 }] },
        snapshot(said('a', 'Old'), said('b', 'New')),
        { type: 'RUN_FINISHED', threadId, runId: 'of-the-backend' },
      ];
      return { chunks: [{ text: list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') }] };
    });

    const { text, message } = await agent.client.complete({
      messages: [
        { id: 'u', role: 'user', content: 'hello' },
        { id: 'a', role: 'assistant', content: 'Old' },
      ],
      providerOptions: { agui: { state: { m: 0 } } },
    });

    expect(text).toBe('New');
    expect(message.parts[0]).toMatchObject({ name: 'state', data: { m: 0, n: 1 } });
  });

  it('reads the request from RUN_STARTED if the backend has another run id', async () => {
    const events = [
      { ...started, input: { messages: [{ id: 'u', role: 'user', content: 'hello' }, said('a', 'Old')] } },
      snapshot(user, said('a', 'Old'), said('b', 'New')),
      finished,
    ];

    expect(fold((await streamEvents(events)).items).text).toBe('New');
  });

  it('shows what only a snapshot has at once, and keeps it if the run fails', async () => {
    const { items, error } = await streamEvents([
      started,
      chunk('a', 'One'),
      snapshot(user, said('a', 'One'), said('b', 'Two')),
      { type: 'RUN_ERROR', message: 'boom' },
    ]);

    expect(fold(items).text).toBe('OneTwo');
    expect(error).toMatchObject({ partial: { text: 'OneTwo' } });
  });

  it('adds nothing twice, wherever it comes among the events of a run', async () => {
    const pieces = ['Hel', 'lo', ' dear', ' world'];
    const whole = pieces.join('');

    await using agent = await startAgent();
    await assert(
      asyncProperty(
        array(nat({ max: pieces.length }), { maxLength: 4 }),
        array(nat({ max: whole.length }), { minLength: 4, maxLength: 4 }),
        constantFrom('a', 'other'),
        async (places, lengths, id) => {
          const events: object[] = [];
          pieces.forEach((piece, at) => {
            for (const place of places) {
              if (place === at) events.push(snapshot(user, said('a', whole.slice(0, lengths[place]))));
            }
            events.push(content('a', piece));
          });
          events.push(snapshot(user, said(id, whole)));
          agent.answer([started, ...events, finished], lengths);
          expect((await agent.client.complete('hello')).text).toBe(whole);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('costs as much as was received', async () => {
    const history = Array.from({ length: 50 }, (_, at) => said(`old-${at}`, 'x'.repeat(50)));
    const growth = await growthOf((count) =>
      complete(
        Array.from({ length: count }, (_, at) => [
          chunk(`m-${at}`, 'word '),
          { type: 'TOOL_CALL_CHUNK', toolCallId: `c-${at}`, toolCallName: 'f', delta: '{}' },
          snapshot(...history, user, said(`m-${at}`, 'word and more'), answered(`t-${at}`, `c-${at}`, 'done')),
        ]).flat(),
      ),
    );

    expect(growth).toBeLessThan(LINEAR);
  });
});
