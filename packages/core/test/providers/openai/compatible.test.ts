import { LLMClient, type GenerateRequest } from '@rivulet/core';
import { compatible, openai, type CompatibleFlags } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { answer } from '../../support/chat-completions.ts';

const REQUEST: GenerateRequest = {
  system: 'Be brief',
  prompt: 'hello',
  maxTokens: 50,
  reasoning: { effort: 'low' },
  tools: [
    { name: 'weather', inputSchema: { type: 'object' }, strict: true },
    { name: 'clock', inputSchema: { type: 'object' } },
  ],
};

/** The body that a request is sent with. */
async function bodyOf(flags?: CompatibleFlags, request = REQUEST, model = 'model-1'): Promise<Record<string, unknown>> {
  await using server = await startHttpServer({ chunks: [{ text: answer('Hello') }] });
  const provider = openai({ baseURL: server.url, body: flags && compatible(flags) });
  await new LLMClient({ provider, model, retry: false }).complete(request);
  return JSON.parse(server.requests[0]!.body) as Record<string, unknown>;
}

describe('a body for a compatible server', () => {
  it('is what it was where nothing is said', async () => {
    expect(await bodyOf({})).toEqual(await bodyOf());
  });

  it('asks for no counts where they are refused', async () => {
    const { stream_options: _, ...rest } = await bodyOf();

    expect(await bodyOf({ streamUsage: false })).toEqual(rest);
    expect(await bodyOf({ streamUsage: true })).toEqual(await bodyOf());
  });

  it.each(['developer', 'user'] as const)('has system text in the role %s, wherever it stands', async (systemRole) => {
    const request: GenerateRequest = {
      system: 'Be brief',
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'system', content: 'Be kind' },
        { role: 'assistant', content: 'hi' },
      ],
    };

    expect((await bodyOf({ systemRole }, request))['messages']).toEqual([
      { role: systemRole, content: 'Be brief' },
      { role: 'user', content: 'hello' },
      { role: systemRole, content: 'Be kind' },
      { role: 'assistant', content: 'hi' },
    ]);
  });

  it.each([
    ['model-1', 'max_completion_tokens', 'max_tokens'],
    ['gpt-5', 'max_tokens', 'max_completion_tokens'],
    ['model-1', 'max_tokens', 'max_completion_tokens'],
  ] as const)('of %s has its bound in %s', async (model, maxTokensField, other) => {
    const body = await bodyOf({ maxTokensField }, REQUEST, model);

    expect(body[maxTokensField]).toBe(50);
    expect(body).not.toHaveProperty(other);
  });

  it('has no bound where none was given', async () => {
    const body = await bodyOf({ maxTokensField: 'max_completion_tokens' }, { prompt: 'hello', maxTokens: null });

    expect(body).not.toHaveProperty('max_tokens');
    expect(body).not.toHaveProperty('max_completion_tokens');
  });

  it('omits reasoning and strictness for a server that refuses them', async () => {
    const body = await bodyOf({ reasoningEffort: false, strictTools: false });
    // The form that strictness requires, which other servers accept as well.
    const parameters = { type: 'object', properties: {}, required: [], additionalProperties: false };

    expect(body).not.toHaveProperty('reasoning_effort');
    expect(body['tools']).toEqual([
      { type: 'function', function: { name: 'weather', parameters } },
      { type: 'function', function: { name: 'clock', parameters: { type: 'object' } } },
    ]);
  });

  it('takes all flags at once', async () => {
    const body = await bodyOf({ streamUsage: false, systemRole: 'developer', maxTokensField: 'max_completion_tokens' });

    expect(body).toMatchObject({ messages: [{ role: 'developer' }, { role: 'user' }], max_completion_tokens: 50 });
    expect(body).not.toHaveProperty('stream_options');
    expect(body).not.toHaveProperty('max_tokens');
  });
});
