import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient, LLMError } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { createChat, type Chat } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chatWithShortMemory } from '../docs/examples/chat/history.ts';
import { openChat } from '../docs/examples/chat/kept.ts';
import { timeOf } from '../docs/examples/chat/time.ts';
import { tools } from '../docs/examples/chat/tools.ts';
import { weather } from '../docs/examples/chat/weather.ts';
import { startHttpServer } from './support/http-server.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const page = readFileSync(`${docs}/chat.md`, 'utf8');
const examples = readdirSync(`${docs}/examples/chat`);

const textsOf = (chat: Chat): string[] =>
  chat.getSnapshot().messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')).join(''));

/** As much of Web Storage as Node 20 lacks. */
function webStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('the page on chats', () => {
  it.each(examples)('shows %s as it is', (name) => {
    const example = readFileSync(`${docs}/examples/chat/${name}`, 'utf8');
    expect(page).toContain(`\n${example}\`\`\`\n`);
  });

  it('shows nothing else', () => {
    expect([...page.matchAll(/^```tsx?$/gm)]).toHaveLength(examples.length);
  });
});

describe('its examples', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('keep a chat', async () => {
    vi.stubGlobal('localStorage', webStorage());
    const client = new LLMClient({ provider: scripted('Kept') });
    const warn = vi.fn();
    await openChat(client, 'a', warn).sendMessage('Hi');
    const again = openChat(client, 'a', warn);
    await vi.waitUntil(() => !again.getSnapshot().isRestoring);
    expect(textsOf(again)).toEqual(['Hi', 'Kept']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('send a few messages, and fewer where they are too long', async () => {
    const provider = scripted(({ messages }) => {
      if (messages.length > 6) throw new LLMError('Too long', { code: 'context_length' });
      return `Seen ${messages.length}`;
    });
    const chat = chatWithShortMemory(new LLMClient({ provider, retry: false }));
    chat.setMessages(
      Array.from({ length: 30 }, (_, index) => ({ role: index % 2 ? 'assistant' : 'user', content: `${index}` })),
    );
    await chat.sendMessage('Hi');
    expect(provider.requests.map(({ messages }) => messages.length)).toEqual([20, 4]);
    expect(textsOf(chat).at(-1)).toBe('Seen 4');
  });

  it('have tools that run, and one that asks first', async () => {
    const fetched = vi.fn(() => Promise.resolve(new Response()));
    vi.stubGlobal('fetch', fetched);
    let at = 0;
    const provider = scripted(() => {
      at += 1;
      const toolCalls = [
        { name: 'clock', input: { zone: 'UTC' }, id: 'a' },
        { name: 'send', input: { to: 'Ann', text: 'Noon' }, id: 'b' },
      ];
      return at === 1 ? { toolCalls } : 'Sent.';
    });
    const chat = createChat({ client: new LLMClient({ provider }), tools });
    await chat.sendMessage('Send Ann the time');
    const [clock, send, time] = chat.getSnapshot().messages[1]!.parts;
    expect(clock).toMatchObject({ name: 'clock', input: { zone: 'UTC' } });
    expect(time).toMatchObject({ name: 'clock', output: expect.stringMatching(/\d:\d\d/) });
    expect([clock, send, time].map((part) => part && timeOf(part))).toEqual([
      undefined,
      undefined,
      expect.stringMatching(/\d:\d\d/),
    ]);
    expect(fetched).not.toHaveBeenCalled();
    await chat.addToolApprovalResponse({
      id: send?.type === 'tool-call' ? (send.approval?.id ?? '') : '',
      approved: true,
    });
    expect(fetched).toHaveBeenCalledOnce();
    expect(chat.getSnapshot().messages[1]!.parts.at(-1)).toMatchObject({ text: 'Sent.' });
  });

  it.each(['uiMessageStream', 'agui'])('read the result of a call that a backend of %s carries out', async (wire) => {
    const call = { toolCallId: 'call-0', toolName: 'clock', toolCallName: 'clock' };
    const result = { toolCallId: 'call-0', output: '12:00', content: '12:00', messageId: 'result' };
    const run = { threadId: 'thread', runId: 'run' };
    const asks: Record<string, object[]> = {
      uiMessageStream: [
        { type: 'tool-input-available', ...call, input: { zone: 'UTC' } },
        { type: 'tool-approval-request', toolCallId: 'call-0', approvalId: 'approval' },
        { type: 'finish' },
      ],
      agui: [
        { type: 'RUN_STARTED', ...run },
        { type: 'TOOL_CALL_START', ...call },
        { type: 'TOOL_CALL_ARGS', ...call, delta: '{"zone":"UTC"}' },
        { type: 'TOOL_CALL_END', ...call },
        { type: 'RUN_FINISHED', ...run, outcome: { type: 'interrupt', interrupts: [{ id: 'approval', ...call }] } },
      ],
    };
    const carriesOut: Record<string, object[]> = {
      uiMessageStream: [{ type: 'tool-output-available', ...result }, { type: 'finish' }],
      agui: [
        { type: 'RUN_STARTED', ...run },
        { type: 'TOOL_CALL_RESULT', ...result },
        { type: 'RUN_FINISHED', ...run },
      ],
    };
    await using server = await startHttpServer(({ body }) => {
      const isApproved = body.includes('"approved":true');
      const events = (isApproved ? carriesOut : asks)[wire]!;
      return { chunks: events.map((event) => ({ text: `data: ${JSON.stringify(event)}\n\n` })) };
    });
    const api = `${server.url}/api`;
    const provider = wire === 'agui' ? agui({ api }) : uiMessageStream({ api });
    const chat = createChat<{ readonly clock: typeof tools.clock }>({ client: new LLMClient({ provider }) });
    await chat.sendMessage('What time is it?');
    await chat.addToolApprovalResponse({ id: 'approval', approved: true });

    expect(server.requests).toHaveLength(2);
    expect(chat.getSnapshot().messages[1]!.parts.map((part) => timeOf(part as Parameters<typeof timeOf>[0]))).toEqual([
      undefined,
      '12:00',
    ]);
  });

  it('have a tool that is made from a JSON Schema, and holds calls to it', async () => {
    const provider = scripted(({ messages }) =>
      messages.at(-1)?.role === 'user'
        ? {
            toolCalls: [
              { name: 'weather', input: { city: 'Bergen' } },
              { name: 'weather', input: { town: 'Bergen' } },
            ],
          }
        : 'Rain.',
    );
    const chat = createChat({ client: new LLMClient({ provider }), tools: { weather } });
    await chat.sendMessage('How is Bergen?');
    expect(provider.requests[0]?.tools?.[0]?.inputSchema).toMatchObject({ required: ['city'] });
    const results = chat.getSnapshot().messages[1]!.parts.filter((part) => part.type === 'tool-result');
    expect(results.map(({ output }) => String(output)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'It rains in Bergen.',
      expect.stringMatching(/^The arguments of weather are invalid/),
    ]);
  });
});
