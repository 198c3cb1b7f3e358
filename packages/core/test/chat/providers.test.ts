import { LLMock, type ChatCompletionRequest } from '@copilotkit/aimock';
import { LLMClient, type Provider } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { createChat, tool } from '@rivulet/core/chat';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { textsOf } from './support.ts';

const PROVIDERS: readonly [name: string, make: (origin: string) => Provider][] = [
  ['openai', (origin) => openai({ baseURL: `${origin}/v1`, apiKey: 'key' })],
  ['openaiResponses', (origin) => openaiResponses({ baseURL: `${origin}/v1`, apiKey: 'key' })],
  ['anthropic', (origin) => anthropic({ baseURL: origin, apiKey: 'key' })],
  ['gemini', (origin) => gemini({ baseURL: origin, apiKey: 'key' })],
  ['ollama', (origin) => ollama({ baseURL: origin })],
];

/** What came for the model since the last message of the user: the results of its calls. */
function resultsIn({ messages }: ChatCompletionRequest): string[] {
  const start = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(start + 1).flatMap(({ role, content }) => (role === 'tool' ? [JSON.stringify(content)] : []));
}

describe.each(PROVIDERS)('a chat over %s', (_, makeProvider) => {
  let server: LLMock;
  let origin: string;

  beforeAll(async () => {
    server = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 8 });
    server.onMessage(/weather/, (request) => {
      const results = resultsIn(request);
      const call = (name: string, input: object) => ({ name, arguments: JSON.stringify(input) });
      if (results.length === 0) {
        return {
          content: 'I look it up.',
          toolCalls: [call('weather', { city: 'Paris' }), call('weather', { city: 7 }), call('wether', {})],
        };
      }
      if (results.length === 3) return { toolCalls: [call('pay', { euros: 5 })] };
      return { content: `Seen: ${results.join(' ')}` };
    });
    server.onMessage(/thanks/, ({ messages }) => ({
      content: `You wrote ${messages.length > 5 ? 'much' : 'little'}.`,
    }));
    origin = await server.start();
  });

  afterAll(() => server.stop());

  it('goes through the tools, step by step, and says what it did in the next turn', async () => {
    const ran: string[] = [];
    const tools = {
      weather: tool({
        description: 'The weather in a city',
        inputSchema: z.object({ city: z.string() }),
        execute({ city }) {
          ran.push(city);
          return { city, celsius: 21 };
        },
      }),
      pay: tool({
        inputSchema: z.object({ euros: z.number() }),
        hasEffects: true,
        execute: ({ euros }) => `paid ${euros}`,
      }),
    };
    const client = new LLMClient({ provider: makeProvider(origin), model: 'gpt-4o', retry: false });
    const chat = createChat({ client, tools });

    await chat.sendMessage('How is the weather?');
    expect(chat.getSnapshot().error).toBeUndefined();
    expect(ran).toEqual(['Paris']);
    const [, waiting] = chat.getSnapshot().messages;
    const asking = waiting?.parts.find((part) => part.type === 'tool-call' && part.name === 'pay');
    const approval = asking?.type === 'tool-call' ? asking.approval : undefined;
    await chat.addToolApprovalResponse({ id: approval?.id ?? '', approved: true });

    const [, answer] = chat.getSnapshot().messages;
    const results = answer!.parts.flatMap((part) => (part.type === 'tool-result' ? [part] : []));
    expect(results).toHaveLength(4);
    expect(results).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'weather', output: { city: 'Paris', celsius: 21 } }),
        expect.objectContaining({ name: 'weather', isError: true, output: expect.stringContaining('city') }),
        expect.objectContaining({ name: 'wether', isError: true }),
        expect.objectContaining({ name: 'pay', output: 'paid 5' }),
      ]),
    );
    const said = textsOf(chat).at(-1);
    for (const seen of ['I look it up.', 'celsius', 'No tool wether', 'invalid', 'paid 5'])
      expect(said).toContain(seen);
    expect(answer).toMatchObject({ finishReason: 'stop' });

    await chat.sendMessage('thanks');
    expect(textsOf(chat).at(-1)).toBe('assistant: You wrote much.');
    expect(chat.getSnapshot().messages).toHaveLength(4);
  });
});
