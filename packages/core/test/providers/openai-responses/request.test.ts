import type { GenerateRequest, LLMConfig, Message, Part } from '@rivulet/core';
import type { OpenAIResponsesOptions } from '@rivulet/core/openai-responses';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import {
  added,
  CALL,
  clientOf,
  clientReading,
  completed,
  created,
  done,
  frame,
  NAME,
  REASONING,
  response,
  summary,
  text,
  type Fields,
} from '../../support/responses.ts';

/** The body that this request is sent with. */
async function bodyOf(
  request: GenerateRequest,
  config: Partial<LLMConfig> = {},
  options: OpenAIResponsesOptions = {},
): Promise<Fields> {
  await using server = await startHttpServer({ chunks: [{ text: created + completed }] });
  await clientOf(server.url, config, options).complete(request);
  return JSON.parse(server.requests[0]!.body) as Fields;
}

function assistant(...parts: Part[]): Message {
  return { id: 'message-2', role: 'assistant', parts };
}

describe('a request to the Responses API', () => {
  it('has the system text as instructions, and asks the server to keep nothing', async () => {
    expect(await bodyOf({ system: 'Be brief', prompt: 'hello' })).toEqual({
      model: 'model-1',
      instructions: 'Be brief',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'hello' }] }],
      stream: true,
      store: false,
      temperature: 0.7,
      max_output_tokens: 2000,
    });
  });

  it('goes to /responses, with the key and the type of the body', async () => {
    await using server = await startHttpServer({ chunks: [{ text: created + completed }] });

    await clientOf(`${server.url}/v1`, {}, { apiKey: 'secret' }).complete('hello');

    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/responses',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    });
  });

  it('asks for a summary of the thoughts, and for the thoughts encrypted, when it asks for reasoning', async () => {
    const body = await bodyOf({ prompt: 'hello', reasoning: { effort: 'high' } });

    expect(body).toMatchObject({
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
    });
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('max_output_tokens');
    expect((await bodyOf({ prompt: 'hello', reasoning: true }))['reasoning']).toEqual({ summary: 'auto' });
  });

  it.each([
    'o4-mini',
    'gpt-5.2',
    'openai/gpt-5.1-codex',
    'gpt-oss-120b',
    'grok-4',
    'anthropic/claude-opus-5.5',
    'google/gemini-3-pro',
    'deepseek/deepseek-r1',
  ])('knows %s as a model that reasons', async (model) => {
    const body = await bodyOf({ prompt: 'hello', model });

    expect(body).toHaveProperty('include');
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('max_output_tokens');
    expect(body).not.toHaveProperty('reasoning');
  });

  it.each(['gpt-4.1', 'gpt-5-chat-latest', 'llama-3'])('sends the defaults to %s', async (model) => {
    const body = await bodyOf({ prompt: 'hello', model });

    expect(body).toMatchObject({ temperature: 0.7, max_output_tokens: 2000 });
    expect(body).not.toHaveProperty('include');
  });

  it('sends what it is told to, and no stop sequences, which this API does not have', async () => {
    const body = await bodyOf({ prompt: 'hello', temperature: 0, maxTokens: 50, stop: ['END'] });

    expect(body).toMatchObject({ temperature: 0, max_output_tokens: 50 });
    expect(body).not.toHaveProperty('stop');
  });

  it('has tools without a wrapper, whose optional properties stay optional unless they are strict', async () => {
    const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
    const body = await bodyOf({
      prompt: 'hello',
      tools: [
        { name: 'weather', description: 'Tells it', inputSchema },
        { name: 'clock', inputSchema, strict: true },
      ],
      toolChoice: { name: 'weather' },
    });

    expect(body['tools']).toEqual([
      { type: 'function', name: 'weather', description: 'Tells it', parameters: inputSchema, strict: false },
      {
        type: 'function',
        name: 'clock',
        parameters: {
          type: 'object',
          properties: { city: { type: ['string', 'null'] } },
          required: ['city'],
          additionalProperties: false,
        },
        strict: true,
      },
    ]);
    expect(body['tool_choice']).toEqual({ type: 'function', name: 'weather' });
    expect((await bodyOf({ prompt: 'hello', toolChoice: 'required' }))['tool_choice']).toBe('required');
  });

  it('has images and files beside the text of a user', async () => {
    const parts: Part[] = [
      { type: 'text', text: 'Look' },
      { type: 'file', mediaType: 'image/png', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'image/png', data: 'AAAA' },
      { type: 'file', mediaType: 'application/pdf', data: 'BBBB', filename: 'b.pdf' },
      { type: 'file', mediaType: 'application/pdf', url: 'https://example.com/c.pdf' },
    ];

    expect((await bodyOf({ messages: [{ role: 'user', parts }] }))['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look' },
          { type: 'input_image', image_url: 'https://example.com/a.png' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
          { type: 'input_file', filename: 'b.pdf', file_data: 'data:application/pdf;base64,BBBB' },
          { type: 'input_file', file_url: 'https://example.com/c.pdf' },
        ],
      },
    ]);
  });

  it('has a history from anywhere as items', async () => {
    const body = await bodyOf({
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'How warm is it?' },
        assistant(
          { type: 'reasoning', text: 'Thoughts of another model', providerMetadata: { anthropic: { signature: 'x' } } },
          { type: 'text', text: 'I will look.' },
          { type: 'refusal', text: 'But I will not tell.' },
          { type: 'tool-call', id: 'call_1', name: 'weather', rawInput: '', input: { city: 'Paris' } },
          { type: 'tool-call', id: 'call_2', name: 'now', rawInput: '{}', input: {} },
        ),
        {
          role: 'tool',
          parts: [
            { type: 'tool-result', toolCallId: 'call_1', output: { celsius: 21 } },
            { type: 'tool-result', toolCallId: 'call_2', output: 'noon' },
          ],
        },
      ],
      prompt: 'And tomorrow?',
    });

    expect(body['input']).toEqual([
      { role: 'system', content: [{ type: 'input_text', text: 'Be brief' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'How warm is it?' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'I will look.', annotations: [] }] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'But I will not tell.' }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
      { type: 'function_call', call_id: 'call_2', name: 'now', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: '{"celsius":21}' },
      { type: 'function_call_output', call_id: 'call_2', output: 'noon' },
      { role: 'user', content: [{ type: 'input_text', text: 'And tomorrow?' }] },
    ]);
  });

  it('lets body and providerOptions say otherwise', async () => {
    const body = await bodyOf(
      { prompt: 'hello', model: 'gpt-5', providerOptions: { [NAME]: { text: { verbosity: 'low' } } } },
      {},
      { body: { store: true, include: [] } },
    );

    expect(body).toMatchObject({ store: true, include: [], text: { verbosity: 'low' } });
  });

  it('is made anew without a default that the model refuses', async () => {
    await using server = await startHttpServer([
      {
        status: 400,
        chunks: [{ text: JSON.stringify({ error: { message: "Unsupported parameter: 'temperature'", code: null } }) }],
      },
      { chunks: [{ text: created + text('Hello') + completed }] },
    ]);

    expect((await clientOf(server.url).complete('hello')).text).toBe('Hello');
    expect(JSON.parse(server.requests[1]!.body)).not.toHaveProperty('temperature');
  });
});

describe('what was answered goes back', () => {
  /** The items that are sent after this answer, without the question before and the one after it. */
  async function itemsAfter(...frames: string[]): Promise<unknown[]> {
    const { message, toolCalls } = await clientReading(created, ...frames).complete('hello');
    const results = toolCalls.map(({ id }) => ({ type: 'tool-result' as const, toolCallId: id, output: 'done' }));
    const body = await bodyOf({
      // As it is after it was kept somewhere.
      messages: JSON.parse(JSON.stringify([message, { role: 'tool', parts: results }])) as Message[],
      prompt: 'go on',
    });
    return (body['input'] as unknown[]).slice(0, -1);
  }

  it('with the thoughts as they came when they were complete, and without ids that the server does not keep', async () => {
    const whole = { ...REASONING, encrypted_content: 'gBBB', summary: [{ type: 'summary_text', text: 'Let me see.' }] };
    const items = await itemsAfter(
      added(0, REASONING),
      summary('Let me see.'),
      done(0, whole),
      added(1, { type: 'message', id: 'msg_1', phase: 'commentary' }),
      text('I will look.', 1),
      done(1, { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'I will look.' }] }),
      done(2, { ...CALL, namespace: 'home', arguments: '{"city":"Paris"}' }),
      completed,
    );

    expect(items).toEqual([
      whole,
      {
        role: 'assistant',
        content: [{ type: 'output_text', text: 'I will look.', annotations: [] }],
        phase: 'commentary',
      },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}', namespace: 'home' },
      { type: 'function_call_output', call_id: 'call_1', output: 'done' },
    ]);
  });

  it('with thoughts that have no summary', async () => {
    const items = await itemsAfter(added(0, REASONING), done(0, REASONING), text('Hello', 1), completed);

    expect(items[0]).toEqual(REASONING);
  });

  it('without thoughts that nobody could read', async () => {
    const bare = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null };

    expect(await itemsAfter(summary('Hm'), done(0, bare), text('Hello', 1), completed)).toHaveLength(1);
  });

  it('without thoughts that led to nothing, because it was stopped', async () => {
    const incomplete = response('incomplete', { incomplete_details: { reason: 'max_output_tokens' } });

    expect(
      await itemsAfter(summary('Hm'), done(0, REASONING), frame('response.incomplete', { response: incomplete })),
    ).toEqual([]);
  });

  it('with all ids when the server has stored it', async () => {
    const stored = { ...REASONING, encrypted_content: undefined };
    const items = await itemsAfter(
      frame('response.in_progress', { response: response('in_progress', { store: true }) }),
      done(0, stored),
      done(1, { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'Hello' }] }),
      done(2, { ...CALL, arguments: '{}' }),
      completed,
    );

    expect(items).toMatchObject([{ id: 'rs_1' }, { id: 'msg_1' }, { id: 'fc_1' }, { type: 'function_call_output' }]);
  });

  it('with its citations', async () => {
    const annotation = {
      type: 'url_citation',
      url: 'https://example.com',
      title: 'Example',
      start_index: 0,
      end_index: 5,
    };
    const items = await itemsAfter(
      text('Hello'),
      frame('response.output_text.annotation.added', { output_index: 0, content_index: 0, annotation }),
      text(' again', 1),
      completed,
    );

    expect(items).toMatchObject([
      { content: [{ text: 'Hello', annotations: [annotation] }] },
      { content: [{ text: ' again', annotations: [] }] },
    ]);
  });

  it('with calls of custom tools as such, and their results too', async () => {
    const call = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'sql', input: 'SELECT 1' };

    expect(await itemsAfter(added(0, { ...call, input: '' }), done(0, call), completed)).toEqual([
      { type: 'custom_tool_call', call_id: 'call_1', name: 'sql', input: 'SELECT 1' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'done' },
    ]);
  });
});
