import { LLMClient, type Message, type MessageInput } from '@rivulet/core';
import { createChat, tool, type ChatMessage, type ToolSet } from '@rivulet/core/chat';
import { openai } from '@rivulet/core/openai';
import { array, asyncProperty, assert as check, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  startHttpServer,
  type Answer,
  type HttpServer,
  type ReceivedRequest,
} from '../../../../../test/support/http-server.ts';
import { delta, DONE, finish, text } from '../../support/chat-completions.ts';
import { clientReading, cutAt, eventually, toBytes } from '../../support/client.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

type Fields = Record<string, unknown>;

const CALL = { index: 0, id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } };
const SENT_CALL = { id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } };

const call = (fields: Fields = {}): string => delta({ tool_calls: [{ ...CALL, ...fields }] });
const end = finish('tool_calls') + DONE;

/** The message of an answer with this body. */
async function messageOf(body: string, name?: string): Promise<Message> {
  await using server = await startHttpServer({ chunks: [{ text: body }] });
  const client = new LLMClient({ provider: openai({ baseURL: server.url, name }), model: 'model-1', retry: false });
  return (await client.complete('What time is it?')).message;
}

/** The messages that a request with these has. */
async function sentMessages(messages: readonly MessageInput[], name?: string): Promise<Fields[]> {
  await using server = await startHttpServer({ chunks: [{ text: text('Hello') + finish() + DONE }] });
  const client = new LLMClient({ provider: openai({ baseURL: server.url, name }), model: 'model-1', retry: false });
  await client.complete({ messages });
  return (JSON.parse(server.requests[0]!.body) as { messages: Fields[] }).messages;
}

/** The assistant message that goes back for an answer with this body, also after storage. */
async function sentBack(body: string): Promise<Fields> {
  const stored = JSON.parse(JSON.stringify(await messageOf(body))) as Message;
  const [message] = await sentMessages([stored, { role: 'user', content: 'And now?' }]);
  return message!;
}

/** The same answer as one whole document. */
function whole(message: Fields, finishReason = 'tool_calls'): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    model: 'model-1',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }],
  });
}

const GOOGLE = { extra_content: { google: { thought_signature: 'c2ln' } } };
const ENCRYPTED = {
  type: 'reasoning.encrypted',
  id: 'rs_1',
  format: 'openai-responses-v1',
  index: 0,
  data: 'b3BhcXVl',
};

/** What a server streams, the same in one document, and the fields of the message that goes back. */
const ANSWERS: readonly [name: string, frames: readonly string[], message: Fields, sent: Fields][] = [
  ...['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'].map(
    (name): [string, string[], Fields, Fields] => [
      `${name} and a thought signature`,
      [delta({ [name]: 'I need ' }), delta({ [name]: 'the clock.' }), call(GOOGLE)],
      { [name]: 'I need the clock.', tool_calls: [{ ...CALL, ...GOOGLE }] },
      { content: null, [name]: 'I need the clock.', tool_calls: [{ ...SENT_CALL, ...GOOGLE }] },
    ],
  ),
  [
    'a thought signature behind the arguments',
    [call(), delta({ tool_calls: [{ index: 0, ...GOOGLE }] })],
    { tool_calls: [{ ...CALL, ...GOOGLE }] },
    { tool_calls: [{ ...SENT_CALL, ...GOOGLE }] },
  ],
  [
    'a signature in the function of a call',
    [call({ function: { ...CALL.function, thought_signature: 'c2ln' } })],
    { tool_calls: [{ ...CALL, function: { ...CALL.function, thought_signature: 'c2ln' } }] },
    { tool_calls: [{ ...SENT_CALL, function: { ...SENT_CALL.function, thought_signature: 'c2ln' } }] },
  ],
  [
    'fields of LiteLLM',
    [
      delta({
        reasoning_content: 'I need',
        thinking_blocks: [{ type: 'thinking', thinking: 'I need', signature: null }],
      }),
      delta({ reasoning_content: ' it.', thinking_blocks: [{ type: 'thinking', thinking: ' it.', signature: null }] }),
      delta({ thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'c2ln' }] }),
      call({ provider_specific_fields: { thought_signature: 'dHM=' } }),
    ],
    {
      reasoning_content: 'I need it.',
      thinking_blocks: [{ type: 'thinking', thinking: 'I need it.', signature: 'c2ln' }],
      tool_calls: [{ ...CALL, provider_specific_fields: { thought_signature: 'dHM=' } }],
    },
    {
      reasoning_content: 'I need it.',
      thinking_blocks: [{ type: 'thinking', thinking: 'I need it.', signature: 'c2ln' }],
      tool_calls: [{ ...SENT_CALL, provider_specific_fields: { thought_signature: 'dHM=' } }],
    },
  ],
  [
    'details whose text and signature come in pieces',
    [
      delta({
        reasoning: 'I need',
        reasoning_details: [{ type: 'reasoning.text', text: 'I need', index: 0, format: 'anthropic-claude-v1' }],
      }),
      delta({
        reasoning: ' it.',
        reasoning_details: [{ type: 'reasoning.text', text: ' it.', index: 0, format: 'anthropic-claude-v1' }],
      }),
      delta({
        reasoning_details: [{ type: 'reasoning.text', signature: 'c2', index: 0, format: 'anthropic-claude-v1' }],
      }),
      delta({
        reasoning_details: [{ type: 'reasoning.text', signature: 'ln', index: 0, format: 'anthropic-claude-v1' }],
      }),
      call(),
    ],
    {
      reasoning: 'I need it.',
      reasoning_details: [
        { type: 'reasoning.text', text: 'I need it.', signature: 'c2ln', index: 0, format: 'anthropic-claude-v1' },
      ],
      tool_calls: [CALL],
    },
    {
      reasoning: 'I need it.',
      reasoning_details: [
        { type: 'reasoning.text', text: 'I need it.', signature: 'c2ln', index: 0, format: 'anthropic-claude-v1' },
      ],
      tool_calls: [SENT_CALL],
    },
  ],
  [
    'details of several types and indexes',
    [
      delta({
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'First', index: 0 },
          { type: 'reasoning.text', text: 'A', index: 1 },
        ],
      }),
      delta({
        reasoning_details: [
          { type: 'reasoning.text', text: 'B', index: 1 },
          { type: 'reasoning.summary', summary: ' this', index: 0 },
        ],
      }),
      delta({ reasoning_details: [ENCRYPTED] }),
      call(),
      delta({ reasoning_details: [{ ...ENCRYPTED, id: 'call_1', data: 'bW9yZQ==' }] }),
    ],
    {
      reasoning_details: [
        { type: 'reasoning.summary', summary: 'First this', index: 0 },
        { type: 'reasoning.text', text: 'AB', index: 1 },
        ENCRYPTED,
        { ...ENCRYPTED, id: 'call_1', data: 'bW9yZQ==' },
      ],
      tool_calls: [CALL],
    },
    {
      reasoning_details: [
        { type: 'reasoning.summary', summary: 'First this', index: 0 },
        { type: 'reasoning.text', text: 'AB', index: 1 },
        ENCRYPTED,
        { ...ENCRYPTED, id: 'call_1', data: 'bW9yZQ==' },
      ],
      tool_calls: [SENT_CALL],
    },
  ],
  [
    'encrypted details alone',
    [call(), delta({ reasoning_details: [ENCRYPTED] })],
    { reasoning_details: [ENCRYPTED], tool_calls: [CALL] },
    { reasoning_details: [ENCRYPTED], tool_calls: [SENT_CALL] },
  ],
  [
    'an encrypted string (xAI), and an opaque one (Copilot)',
    [delta({ encrypted_content: 'ZW5j' }), delta({ reasoning_opaque: 'b3Bx' }), call()],
    { encrypted_content: 'ZW5j', reasoning_opaque: 'b3Bx', tool_calls: [CALL] },
    { encrypted_content: 'ZW5j', reasoning_opaque: 'b3Bx', tool_calls: [SENT_CALL] },
  ],
  [
    'a signature of the message (Vertex)',
    [delta({ content: 'It is ' }), delta({ content: 'noon.', ...GOOGLE }), call()],
    { content: 'It is noon.', ...GOOGLE, tool_calls: [CALL] },
    { content: 'It is noon.', ...GOOGLE, tool_calls: [SENT_CALL] },
  ],
  [
    'thinking pieces in the content (Mistral)',
    [
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'I need' }] }] }),
      delta({
        content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' it.' }], closed: true, signature: 'c2ln' }],
      }),
      delta({ content: 'One moment.' }),
      call(),
    ],
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'I need it.' }], closed: true, signature: 'c2ln' },
        { type: 'text', text: 'One moment.' },
      ],
      tool_calls: [CALL],
    },
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'I need it.' }], closed: true, signature: 'c2ln' },
        { type: 'text', text: 'One moment.' },
      ],
      tool_calls: [SENT_CALL],
    },
  ],
  [
    'an empty reasoning_content beside a call',
    [delta({ role: 'assistant', content: null, reasoning_content: '' }), call()],
    { reasoning_content: '', tool_calls: [CALL] },
    { reasoning_content: '', tool_calls: [SENT_CALL] },
  ],
  [
    'a type of call of the server',
    [call({ type: 'builtin_function' })],
    { tool_calls: [{ ...CALL, type: 'builtin_function' }] },
    { tool_calls: [{ ...SENT_CALL, type: 'builtin_function' }] },
  ],
  [
    'a custom tool',
    [
      delta({ tool_calls: [{ index: 0, id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'select ' } }] }),
      delta({ tool_calls: [{ index: 0, custom: { input: '1' } }] }),
    ],
    { tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] },
    { tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] },
  ],
  [
    'an image',
    [delta({ content: 'A cat.', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] })],
    { content: 'A cat.', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] },
    { content: 'A cat.', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] },
  ],
  [
    'a sound',
    [delta({ audio: { id: 'audio_1' } }), delta({ audio: { transcript: 'Hello' } })],
    { audio: { id: 'audio_1', transcript: 'Hello', data: '' } },
    { content: null, audio: { id: 'audio_1' } },
  ],
];

describe.each(ANSWERS)('an answer with %s', (_, frames, message, sent) => {
  const expected = { role: 'assistant', content: null, ...sent };

  it('goes back as it came', async () => {
    expect(await sentBack(frames.join('') + end)).toEqual(expected);
  });

  it('goes back as it came in one document', async () => {
    expect(await sentBack(whole(message))).toEqual(expected);
  });

  it('goes back as it came if the whole message follows its deltas', async () => {
    const last = `data: ${JSON.stringify({ choices: [{ message, finish_reason: 'tool_calls' }] })}\n\n`;

    expect(await sentBack(frames.join('') + last + DONE)).toEqual(expected);
  });

  it('goes back the same in any split', async () => {
    const bytes = toBytes(frames.join('') + end);
    await check(
      asyncProperty(array(nat(), { maxLength: 8 }), async (places) => {
        const { message: split } = await clientReading(cutAt(bytes, places)).complete('hello');
        expect((await sentMessages([split]))[0]).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });

  it('goes without these fields to a provider of another name', async () => {
    const answer = await messageOf(frames.join('') + end, 'first');

    const sentToOther = JSON.stringify(await sentMessages([answer, { role: 'user', content: 'And now?' }], 'second'));

    expect(sentToOther).not.toMatch(
      /reasoning|thinking|signature|extra_content|encrypted|builtin|opaque|audio_1|image_url/,
    );
  });
});

describe('reasoning', () => {
  it('in two fields is shown once and goes back in both', async () => {
    const body =
      delta({ reasoning: 'Hm', reasoning_content: 'Hm' }) +
      delta({ reasoning: '!', reasoning_content: '!' }) +
      call() +
      end;

    const { parts } = await messageOf(body);

    expect(parts.filter(({ type }) => type === 'reasoning')).toMatchObject([{ text: 'Hm!' }]);
    expect(await sentBack(body)).toMatchObject({ reasoning: 'Hm!', reasoning_content: 'Hm!' });
  });

  it('that differs in two fields goes back as each had it', async () => {
    const body =
      delta({ reasoning_content: 'At length', reasoning: 'Short' }) + delta({ reasoning_content: '.' }) + call() + end;

    expect(await sentBack(body)).toMatchObject({ reasoning_content: 'At length.', reasoning: 'Short' });
  });

  it('that is in details alone is shown', async () => {
    const { parts } = await messageOf(
      delta({ reasoning_details: [{ type: 'reasoning.text', text: 'Let me ', index: 0 }] }) +
        delta({ reasoning_details: [{ type: 'reasoning.text', text: 'think.', index: 0 }] }) +
        text('Yes.') +
        finish() +
        DONE,
    );

    expect(parts).toMatchObject([
      { type: 'reasoning', text: 'Let me think.' },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('between two texts goes back in one field', async () => {
    const body = delta({ reasoning: 'One.' }) + text('A') + delta({ reasoning: 'Two.' }) + text('B') + finish() + DONE;

    expect(await sentBack(body)).toEqual({ role: 'assistant', content: 'AB', reasoning: 'One.Two.' });
  });

  it.each<[string, Fields[]]>([
    [
      'whose signature comes first',
      [
        { type: 'reasoning.text', signature: 's', index: 0 },
        { type: 'reasoning.text', text: 'A', index: 0 },
        { type: 'reasoning.text', text: 'B', index: 0 },
      ],
    ],
    [
      'whose type comes once',
      [
        { type: 'reasoning.text', text: 'A', index: 0 },
        { text: 'B', index: 0 },
        { signature: 's', index: 0 },
      ],
    ],
  ])('in details, %s, is one block', async (_, pieces) => {
    const body = pieces.map((piece) => delta({ reasoning_details: [piece] })).join('');

    expect(await sentBack(body + call() + end)).toMatchObject({
      reasoning_details: [{ type: 'reasoning.text', text: 'AB', signature: 's', index: 0 }],
    });
  });

  it('of a signed block is not joined to the next block of its index', async () => {
    const detail = (fields: Fields): string =>
      delta({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...fields }] });

    expect(
      await sentBack(
        detail({ text: 'A' }) +
          detail({ signature: 's1' }) +
          detail({ text: 'B' }) +
          detail({ signature: 's2' }) +
          call() +
          end,
      ),
    ).toMatchObject({
      reasoning_details: [
        { text: 'A', signature: 's1' },
        { text: 'B', signature: 's2' },
      ],
    });
  });
});

it('details between texts are attached once', async () => {
  const detail = (data: string): string => delta({ reasoning_details: [{ ...ENCRYPTED, data }] });
  const body = text('A') + detail('MQ==') + call() + delta({ reasoning: 'Hm' }) + detail('Mg==') + text('B') + end;

  expect(await sentBack(body)).toMatchObject({
    reasoning_details: [{ data: 'MQ==' }, { data: 'Mg==' }],
    reasoning: 'Hm',
  });
});

it('encrypted details that a whole message repeats go back once', async () => {
  const details = [ENCRYPTED, { ...ENCRYPTED, data: 'Mg==' }];
  const last = `data: ${JSON.stringify({ choices: [{ message: { content: 'Hi', reasoning_details: details }, finish_reason: 'stop' }] })}\n\n`;

  expect(
    await sentBack(details.map((detail) => delta({ reasoning_details: [detail] })).join('') + last + DONE),
  ).toEqual({
    role: 'assistant',
    content: 'Hi',
    reasoning_details: details,
  });
});

it('an answer without such fields goes back without any', async () => {
  const body =
    delta({ role: 'assistant', content: null, reasoning_content: null, refusal: null }) + text('Hi') + call() + end;

  expect(await sentBack(body)).toEqual({ role: 'assistant', content: 'Hi', tool_calls: [SENT_CALL] });
});

it('a cache mark of the caller goes to its piece of the content', async () => {
  const parts = [
    { type: 'text' as const, text: 'Long', providerMetadata: { openai: { cache_control: { type: 'ephemeral' } } } },
    { type: 'text' as const, text: 'Short' },
  ];

  expect(await sentMessages([{ role: 'user', parts }])).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Short' },
      ],
    },
  ]);
});

it('metadata of a wrong shape is not sent', async () => {
  const own = { fields: 'role', values: 'ab', message: 'cd', call: 'ef', function: [7], piece: 'x' };
  const providerMetadata = { openai: own };
  const parts = [
    { type: 'reasoning' as const, text: 'Hm', providerMetadata },
    { type: 'tool-call' as const, id: 'call_1', name: 'clock', rawInput: '{}', input: {}, providerMetadata },
  ];

  expect(await sentMessages([{ role: 'assistant', parts }])).toEqual([
    { role: 'assistant', content: null, tool_calls: [{ ...SENT_CALL, function: { name: 'clock', arguments: '{}' } }] },
  ]);
});

it('details cost time in proportion to their number', async () => {
  const growth = await growthOf(async (count) => {
    const pieces = Array.from(
      { length: count },
      (_, n) =>
        delta({ reasoning: 'x', reasoning_details: [{ type: 'reasoning.text', text: 'x', index: n % 7 }] }) +
        (n % 2 ? text('y') : ''),
    );
    const message = await messageOf(pieces.join('') + finish() + DONE);
    expect(message.parts).toHaveLength(count);
  }, 500);

  expect(growth).toBeLessThan(LINEAR);
});

interface Server {
  readonly name: string;
  /** The first two steps call the clock. */
  readonly step: (n: number) => string;
  /** Whether the server refuses an assistant message of the history. */
  readonly refuses: (message: Fields) => boolean;
}

const stepCall = (n: number, fields: Fields = {}): string =>
  delta({ tool_calls: [{ ...CALL, id: `call_${n}`, ...fields }] });

const callsOf = (message: Fields): Fields[] => (message['tool_calls'] ?? []) as Fields[];

const SERVERS: readonly Server[] = [
  {
    name: 'a thinking DeepSeek',
    step: (n) => delta({ reasoning_content: `Thought ${n}.` }) + stepCall(n),
    refuses: (message) => callsOf(message).length > 0 && typeof message['reasoning_content'] !== 'string',
  },
  {
    name: 'Kimi',
    step: (n) => delta({ reasoning_content: `Thought ${n}.` }) + stepCall(n),
    refuses: (message) =>
      (callsOf(message).length > 0 && !message['reasoning_content']) ||
      (message['content'] === '' && !callsOf(message)[0]),
  },
  {
    name: 'Gemini 3',
    step: (n) => stepCall(n, { index: undefined, extra_content: { google: { thought_signature: `sig-${n}` } } }),
    refuses: (message) =>
      callsOf(message).some(
        ({ id, extra_content: extra }) =>
          JSON.stringify(extra) !== JSON.stringify({ google: { thought_signature: `sig-${String(id).slice(5)}` } }),
      ),
  },
  {
    name: 'Claude behind OpenRouter',
    step: (n) =>
      delta({
        reasoning: `Thought ${n}.`,
        reasoning_details: [{ type: 'reasoning.text', text: `Thought ${n}.`, index: 0 }],
      }) +
      delta({ reasoning_details: [{ type: 'reasoning.text', signature: `sig-${n}`, index: 0 }] }) +
      stepCall(n),
    refuses: (message) => {
      const [first] = callsOf(message);
      const n = String(first?.['id']).slice(5);
      const details = [{ type: 'reasoning.text', text: `Thought ${n}.`, index: 0, signature: `sig-${n}` }];
      return (
        message['content'] === '' ||
        (!!first && JSON.stringify(message['reasoning_details']) !== JSON.stringify(details))
      );
    },
  },
];

/** Calls the clock twice for each question, and then answers; 400 for a history that the server refuses. */
function answering({ step, refuses }: Server): (request: ReceivedRequest) => Answer {
  let steps = 0;
  return ({ body }) => {
    const { messages } = JSON.parse(body) as { messages: Fields[] };
    if (messages.some((message) => message['role'] === 'assistant' && refuses(message))) {
      return { status: 400, chunks: [{ text: JSON.stringify({ error: { message: 'thoughts are missing' } }) }] };
    }
    const asked = messages.findLastIndex(({ role }) => role === 'user');
    const taken = messages.length - asked - 1;
    if (taken >= 4) return { chunks: [{ text: text('Noon.') + finish() + DONE }] };
    steps += 1;
    return { chunks: [{ text: step(steps) + end }] };
  };
}

describe.each(SERVERS)('a chat with tools at $name', (provider) => {
  const tools: ToolSet = { clock: tool({ inputSchema: z.object({ zone: z.string() }), execute: () => '12:00' }) };

  function chatAt(server: HttpServer, messages?: readonly ChatMessage[]): ReturnType<typeof createChat> {
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1', retry: false });
    return createChat({ client, tools, messages });
  }

  it('accepts further turns, also after a reload', async () => {
    await using server = await startHttpServer(answering(provider));
    const chat = chatAt(server);
    await chat.sendMessage('What time is it?');
    await chat.sendMessage('And now?');
    const stored = JSON.parse(JSON.stringify(chat.getSnapshot().messages)) as ChatMessage[];
    const reloaded = chatAt(server, stored);

    await reloaded.sendMessage('And then?');

    expect(chat.getSnapshot().error).toBeUndefined();
    expect(reloaded.getSnapshot().error).toBeUndefined();
    expect(server.requests).toHaveLength(9);
    const { messages } = JSON.parse(server.requests[8]!.body) as { messages: Fields[] };
    expect(messages.filter((message) => callsOf(message)[0])).toHaveLength(6);
    expect(reloaded.getSnapshot().messages.at(-1)?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Noon.' });
  });

  it('accepts further turns after a stop', async () => {
    const respond = answering(provider);
    await using server = await startHttpServer(respond);
    const chat = chatAt(server);
    await chat.sendMessage('What time is it?');
    server.answer({ chunks: [{ text: provider.step(9).replace('"UTC', '"U') }], end: 'hang' });
    const stopped = chat.sendMessage('And now?').catch(() => undefined);
    await eventually(() =>
      chat
        .getSnapshot()
        .messages.at(-1)
        ?.parts.some(({ type }) => type === 'tool-call'),
    ).toBe(true);
    chat.stop();
    await stopped;
    server.answer(respond);

    await chat.sendMessage('Hello?');

    expect(chat.getSnapshot().error).toBeUndefined();
    expect(chat.getSnapshot().messages.at(-1)?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Noon.' });
  });

  it('sends the thoughts of a stopped answer when it continues', async () => {
    const respond = answering(provider);
    await using server = await startHttpServer(respond);
    const chat = chatAt(server);
    await chat.sendMessage('What time is it?');
    const thoughts = provider
      .step(9)
      .split('\n\n')
      .filter((frame) => !frame.includes('tool_calls'))
      .join('\n\n');
    server.answer({ chunks: [{ text: `${thoughts}\n\n${text('It is')}` }], end: 'hang' });
    const stopped = chat.sendMessage('And now?').catch(() => undefined);
    await eventually(() => chat.getSnapshot().messages.at(-1)?.parts.at(-1)).toMatchObject({ text: 'It is' });
    chat.stop();
    await stopped;
    server.answer({ chunks: [{ text: text(' one.') + finish() + DONE }] });

    await chat.continueAnswer();

    const { messages } = JSON.parse(server.requests.at(-1)!.body) as { messages: Fields[] };
    const { role, content, tool_calls: _, ...fields } = messages.at(-2)!;
    expect({ role, content }).toEqual({ role: 'assistant', content: 'It is' });
    expect(fields).toEqual(thoughtsOf(provider.name));
    expect(chat.getSnapshot().messages.at(-1)?.parts.at(-1)).toMatchObject({ text: 'It is one.' });
  });
});

function thoughtsOf(name: string): Fields {
  if (name === 'Gemini 3') return {};
  if (name !== 'Claude behind OpenRouter') return { reasoning_content: 'Thought 9.' };
  return {
    reasoning: 'Thought 9.',
    reasoning_details: [{ type: 'reasoning.text', text: 'Thought 9.', index: 0, signature: 'sig-9' }],
  };
}

it('calls that have a source between them, and no results, go back in one message', async () => {
  await using server = await startHttpServer([
    {
      chunks: [
        {
          text:
            call() +
            delta({ annotations: [{ type: 'url_citation', url: 'https://a.example/' }] }) +
            delta({ tool_calls: [{ ...CALL, index: 1, id: 'call_2' }] }) +
            end,
        },
      ],
    },
    { chunks: [{ text: text('Hello') + finish() + DONE }] },
  ]);
  const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'model-1', retry: false });
  const chat = createChat({ client, tools: { clock: tool({ inputSchema: z.object({ zone: z.string() }) }) } });
  await chat.sendMessage('What time is it?');

  await chat.sendMessage('Never mind');

  const { messages } = JSON.parse(server.requests[1]!.body) as { messages: Fields[] };
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
});
