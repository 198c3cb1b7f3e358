import { createChat, tool, toolStateOf, type ChatMessage } from '@rivulet/core/chat';
import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { growthOf } from '../support/growth.ts';
import { chatThat, turns } from './support.ts';

const nothing = z.object({});

function callsOf(count: number, name: string, id = (at: number) => `call-${at}`) {
  return { toolCalls: Array.from({ length: count }, (_, at) => ({ name, id: id(at), input: {} })) };
}

/** A result of eight times the work that is not quadratic: that would be 64. */
const LINEAR = 24;

describe('the cost of a chat is linear in', { timeout: 120_000 }, () => {
  it('the calls of one answer', async () => {
    const growth = await growthOf(async (count) => {
      const { chat } = chatThat(turns(callsOf(count, 'look'), 'Done'), {
        tools: { look: tool({ inputSchema: nothing, execute: () => 'ok' }) },
      });
      chat.subscribe(() => undefined);
      await chat.sendMessage('1');
      expect(chat.getSnapshot().messages[1]?.parts).toHaveLength(2 * count + 1);
    }, 500);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the calls of one answer whose tools end one after the other', async () => {
    const growth = await growthOf(async (count) => {
      let at = 0;
      const { chat } = chatThat(turns(callsOf(count, 'look'), 'Done'), {
        tools: {
          look: tool({
            inputSchema: nothing,
            async execute() {
              at += 1;
              for (let wait = at % 50; wait > 0; wait -= 1) await new Promise((resolve) => setImmediate(resolve));
              return 'ok';
            },
          }),
        },
      });
      await chat.sendMessage('1');
      expect(chat.getSnapshot().messages[1]?.parts).toHaveLength(2 * count + 1);
    }, 300);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the calls of one answer with one id', async () => {
    const growth = await growthOf(async (count) => {
      const { chat, requests } = chatThat(
        turns(
          callsOf(count, 'look', () => 'call'),
          'Done',
        ),
        {
          tools: { look: tool({ inputSchema: nothing, execute: () => 'ok' }) },
        },
      );
      await chat.sendMessage('1');
      const ids = requests[1]?.messages[1]?.parts?.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
      expect(new Set(ids).size).toBe(count);
    }, 500);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the calls that the page answers', async () => {
    const growth = await growthOf(async (count) => {
      const { chat } = chatThat(turns(callsOf(count, 'ask'), 'Done'), {
        tools: { ask: tool({ inputSchema: nothing }) },
      });
      await chat.sendMessage('1');
      for (let at = 0; at < count; at += 1) await chat.addToolOutput({ toolCallId: `call-${at}`, output: at });
      expect(chat.getSnapshot().messages[1]?.parts).toHaveLength(2 * count + 1);
    }, 300);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the calls whose state is looked up', async () => {
    const growth = await growthOf(async (count) => {
      const parts = Array.from({ length: count }, (_, at) => [
        { type: 'tool-call' as const, id: `call-${at}`, name: 'look', rawInput: '{}' },
        { type: 'tool-result' as const, toolCallId: `call-${at}`, output: at },
      ]).flat();
      const message = { id: 'm', role: 'assistant', parts } as unknown as ChatMessage;
      for (const part of message.parts) if (part.type === 'tool-call') toolStateOf(message, part);
    }, 2000);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the messages that wait in the queue', async () => {
    const growth = await growthOf(async (count) => {
      const chat = createChat({
        client: new LLMClient({ provider: scripted(['ok']), retry: false }),
        // Each request costs its messages.
        prepareMessages: (messages) => messages.slice(-1),
      });
      chat.subscribe(() => undefined);
      const first = chat.sendMessage('first');
      const sent = Array.from({ length: count }, (_, at) => chat.sendMessage(`${at}`));
      chat.subscribe(() => undefined);
      // Those that are dropped cost no request.
      chat.clear();
      await Promise.all([first, ...sent]);
    }, 1000);
    expect(growth).toBeLessThan(LINEAR);
  });

  it('the messages of a chat, for one more message', async () => {
    const growth = await growthOf(async (count) => {
      const messages = Array.from({ length: count }, (_, at) => ({
        id: `m-${at}`,
        role: at % 2 ? ('assistant' as const) : ('user' as const),
        content: `Message ${at}`,
      }));
      const { chat } = chatThat(turns('Done'), { messages });
      await chat.sendMessage('1');
      expect(chat.getSnapshot().messages).toHaveLength(count + 2);
    }, 2000);
    expect(growth).toBeLessThan(LINEAR);
  });
});
