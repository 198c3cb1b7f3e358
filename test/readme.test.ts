import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { ask } from '../docs/examples/ask.ts';
import { askWithClock } from '../docs/examples/tools.ts';
import { startHttpServer } from './support/http-server.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

describe('the README', () => {
  it.each(['docs/examples/ask.ts', 'docs/examples/tools.ts', 'docs/examples/Ask.tsx', 'docs/examples/Recipe.tsx'])(
    'shows %s as it is',
    (path) => {
      expect(read('README.md')).toContain(`\n${read(path)}\`\`\``);
    },
  );

  it.each([...read('README.md').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => path ?? ''))(
    'links to %s, which exists',
    (path) => {
      expect(() => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)))).not.toThrow();
    },
  );
});

describe('its example of the core', () => {
  it('streams an answer', async () => {
    const shown: string[] = [];

    const answer = await ask(`${inject('modelServerUrl')}/v1`, 'hello', (text) => shown.push(text));

    expect(shown.length).toBeGreaterThan(1);
    expect(answer).toBe(shown.join(''));
  });

  it('keeps what came before the connection broke', async () => {
    const chunk = 'data: {"choices":[{"delta":{"content":"Rivers"}}]}\n\n';
    await using server = await startHttpServer({ chunks: [{ text: chunk }], end: 'destroy' });

    expect(await ask(server.url, 'hello', () => undefined)).toBe('Rivers');
  });
});

describe('its example of tools', () => {
  it('runs the call, and sends its result back', async () => {
    const call = { index: 0, id: 'call-1', function: { name: 'clock', arguments: '{"zone":"UTC"}' } };
    const asks = { choices: [{ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] };
    const says = { choices: [{ delta: { content: 'It is late.' }, finish_reason: 'stop' }] };
    await using server = await startHttpServer(
      [asks, says].map((chunk) => ({ chunks: [{ text: `data: ${JSON.stringify(chunk)}\n\n` }] })),
    );
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'any' });

    expect(await askWithClock(client, 'What time is it?')).toBe('It is late.');
    const { messages } = JSON.parse(server.requests[1]?.body ?? '') as { messages: object[] };
    expect(messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'call-1' }] },
      { role: 'tool', tool_call_id: 'call-1', content: expect.stringMatching(/^\d+:\d\d:\d\d/) as string },
    ]);
  });
});
