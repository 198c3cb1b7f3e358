import { LLMClient } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';

const ANSWER = {
  chunks: [
    { text: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n' },
  ],
};
const LINE = '{"model":"m","message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"stop"}\n';
const REJECTED = {
  status: 400,
  chunks: [{ text: '{"error":{"message":"Unsupported file type","type":"invalid_request_error"}}' }],
};
const pdf = (): File => new File(['%PDF-1.7 \0'], 'plan.pdf', { type: 'application/pdf' });

describe('a message with a file', () => {
  it('is removed again if the provider does not accept the file, and later messages are sent', async () => {
    await using server = await startHttpServer({ chunks: [{ text: LINE }] });
    const chat = createChat({ client: new LLMClient({ provider: ollama({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage({ text: 'Read this', files: [pdf()] });
    const { messages, error, status } = chat.getSnapshot();
    await chat.sendMessage('Hello');

    expect({ messages, status }).toEqual({ messages: [], status: 'error' });
    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('plan.pdf') });
    expect(server.requests).toHaveLength(1);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [{}, {}] });
  });

  it('is removed again if the server rejects it, and the message before it stays', async () => {
    await using server = await startHttpServer([ANSWER, REJECTED, ANSWER]);
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage('One');
    await chat.sendMessage({ text: 'Read this', files: [pdf()] });
    const { messages, error } = chat.getSnapshot();
    await chat.sendMessage('Two');

    expect(messages).toHaveLength(2);
    expect(error?.message).toContain('Unsupported file type');
    expect(server.requests[2]?.body).not.toContain('plan.pdf');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, {}, {}, {}] });
  });

  it.each([
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'context_length'],
    [404, 'No endpoints found that support image input', 'invalid_request'],
    [413, 'Request too large', 'invalid_request'],
    [415, 'Unsupported media', 'invalid_request'],
    [500, 'failed to process inputs: image: unknown format', 'invalid_request'],
  ])('is removed again after status %d: %s', async (status, message, code) => {
    await using server = await startHttpServer([
      { status, chunks: [{ text: JSON.stringify({ error: { message } }) }] },
      ANSWER,
    ]);
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm', retry: false });
    const chat = createChat({ client });

    await chat.sendMessage({ text: 'Read this', files: [pdf()] });
    const { messages, error } = chat.getSnapshot();
    await chat.sendMessage('Hello');

    expect(messages).toEqual([]);
    expect(error).toMatchObject({ code });
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, {}] });
  });

  it.each([
    [404, 'The model m does not exist'],
    [500, 'Internal error'],
    [503, 'The image model is overloaded'],
  ])('stays after status %d, which is not about the file: %s', async (status, message) => {
    await using server = await startHttpServer({ status, chunks: [{ text: JSON.stringify({ error: { message } }) }] });
    const client = new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm', retry: false });
    const chat = createChat({ client });

    await chat.sendMessage({ text: 'Read this', files: [pdf()] });

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: [{ role: 'user' }] });
  });

  it('gives way to the message that it replaces if the server rejects it', async () => {
    await using server = await startHttpServer([ANSWER, REJECTED]);
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage('One');
    const before = chat.getSnapshot().messages;
    await chat.sendMessage({ text: 'Edited', files: [pdf()], messageId: before[0]!.id });

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: before });
  });

  it.each<[string, number, string]>([
    ['OpenRouter', 404, '{"error":{"message":"No endpoints found that support image input","code":404}}'],
    [
      'llama.cpp',
      500,
      '{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}',
    ],
    ['Ollama', 500, '{"error":"Failed to create new sequence: this model is missing data required for image input"}'],
    ['a gateway', 403, '{"error":{"message":"This model does not support images","type":"permission_error"}}'],
    ['a server without vision', 501, '{"error":{"message":"Vision is not implemented"}}'],
    [
      'an error in the stream',
      200,
      'data: {"error":{"message":"audio input is not supported","type":"server_error"}}\n\n',
    ],
    [
      'a prompt that is too long',
      400,
      '{"error":{"message":"This model\'s maximum context length is 8192 tokens","code":"context_length_exceeded"}}',
    ],
  ])('is removed again, without another try, by the refusal of %s', async (_, status, text) => {
    await using server = await startHttpServer([ANSWER, { status, chunks: [{ text }] }, ANSWER]);
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage('One');
    await chat.sendMessage({ text: 'Look', files: [new File(['\x89PNG'], 'a.png', { type: 'image/png' })] });
    const { messages, error } = chat.getSnapshot();
    await chat.sendMessage('Two');

    expect(messages).toHaveLength(2);
    expect(error?.isRetryable).toBe(false);
    expect(server.requests).toHaveLength(3);
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, {}, {}, {}] });
  });

  it('stays if the server fails otherwise, so that it can be sent again', async () => {
    await using server = await startHttpServer({ status: 401, chunks: [{ text: '{}' }] });
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage({ text: 'Read this', files: [pdf()] });

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: [{ role: 'user' }] });
  });

  it('keeps a message without files if the server rejects it', async () => {
    await using server = await startHttpServer(REJECTED);
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage('One');

    expect(chat.getSnapshot()).toMatchObject({ status: 'error', messages: [{ role: 'user' }] });
  });

  it.each([
    ['main.rs', '', 'text/plain'],
    ['main.ts', 'video/mp2t', 'text/plain'],
    ['notes.md', 'text/markdown', 'text/markdown'],
    ['data.json', 'application/json', 'application/json'],
  ])('labels the text file %s of type %j as %s', async (name, type, mediaType) => {
    await using server = await startHttpServer(ANSWER);
    const chat = createChat({ client: new LLMClient({ provider: openai({ baseURL: server.url }), model: 'm' }) });

    await chat.sendMessage({ text: 'Read this', files: [new File(['let a = 1;'], name, { type })] });

    expect(chat.getSnapshot().messages[0]?.parts[0]).toMatchObject({ type: 'file', mediaType, filename: name });
    expect(server.requests[0]?.body).toContain('let a = 1;');
  });
});
