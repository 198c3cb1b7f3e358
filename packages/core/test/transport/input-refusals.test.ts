import { LLMClient, type MessageInput } from '@rivulet/core';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../../../test/support/http-server.ts';
import { clientOf, failureOf } from '../support/client.ts';
import { bodyOf, refused, WIRES, type WireName } from '../support/refusing-server.ts';

const PNG = 'iVBORw0KGgo=';

const refusedWith = async (message: string, status: number): Promise<unknown> => {
  await using server = await startHttpServer(refused({ error: { message } }, status));
  return await failureOf(clientOf(server.url).complete('Hello'));
};

describe('the refusal of a kind of input', () => {
  it.each<[number, string]>([
    [404, 'No endpoints found that support image input'],
    [404, 'No endpoints found that support input audio'],
    [404, 'No endpoints found that support file input'],
    [500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
    [500, 'audio input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
    [500, 'this model is missing data required for image input'],
    [500, 'Failed to process inputs: this model is missing data required for image input'],
    [403, 'This model does not support images. Please use a model that does.'],
    [403, "The model doesn't support video inputs"],
    [501, 'Vision is not implemented'],
    [403, 'Image input isn’t supported by this deployment'],
    [500, 'Image input modality is not enabled for models/gemma-3-1b'],
    [400, 'unknown variant `image_url`, expected `text`'],
    [500, 'At most 0 image(s) may be provided in one prompt.'],
    [500, 'm is not a multimodal model'],
    [500, 'This model does not have vision'],
    [500, 'This model only supports text'],
    [400, 'Invalid content type. image_url is only supported by certain models.'],
    [500, 'PDF documents are not supported'],
    [500, 'image input not supported'],
    [500, 'This model does not accept attachments'],
    [500, "This model doesn't support the image content block that you provided."],
    [500, 'Unsupported MIME type: image/heic'],
    [500, 'This deployment has no vision support'],
    [500, 'unsupported content type: "image_url"'],
    [500, 'multimodal content is not supported by this model'],
  ])('with status %i is an invalid request: %s', async (status, message) => {
    expect(await refusedWith(message, status)).toMatchObject({ code: 'invalid_request', isRetryable: false, status });
  });

  it.each<[number, string, string]>([
    [404, 'The model `llama-3.2-11b-vision` is not supported', 'not_found'],
    [404, 'The model `gpt-image-1` does not exist or is not enabled', 'not_found'],
    [404, 'model file not found', 'not_found'],
    [404, 'The model gpt-4o-audio-preview is not available or not supported', 'not_found'],
    [404, 'The model nvidia/vision-1 is not supported', 'not_found'],
    [500, 'failed to decode image', 'server'],
    [503, 'The vision service is overloaded', 'overloaded'],
    [403, 'Image generation is not enabled for this project', 'permission_denied'],
    [429, 'Too many requests: images are not allowed on this tier at this rate', 'rate_limit'],
    [401, 'This key does not allow image input', 'authentication'],
    [500, 'internal error while reading files', 'server'],
    [404, 'No endpoints found that support tool use', 'not_found'],
  ])('is not seen in another failure with status %i: %s', async (status, message, code) => {
    expect(await refusedWith(message, status)).toMatchObject({ code });
  });
});

describe('an image of an earlier turn', () => {
  const earlier: readonly MessageInput[] = [
    {
      role: 'user',
      parts: [
        { type: 'file', mediaType: 'image/png', filename: 'cat.png', data: PNG },
        { type: 'text', text: 'What is this?' },
      ],
    },
    { role: 'assistant', content: 'A cat.' },
  ];
  const messages: readonly MessageInput[] = [...earlier, { role: 'user', content: 'Thanks' }];

  function startTextServer(wire: WireName, status: number, words: string): Promise<HttpServer> {
    return startHttpServer((request) =>
      JSON.stringify(bodyOf(request)).includes(PNG)
        ? refused(WIRES[wire].refusal(words), status)
        : { chunks: [{ text: WIRES[wire].answer('You are welcome') }] },
    );
  }

  const WORDS: readonly [number, string][] = [
    [404, 'No endpoints found that support image input'],
    [500, 'image input is not supported - hint: you may need to provide the mmproj'],
    [400, 'messages[0].content must be a string'],
    [403, 'This model does not support images'],
  ];

  it.each(
    (Object.keys(WIRES) as WireName[]).flatMap((wire) =>
      WORDS.map(([status, words]) => [wire, status, words] as const),
    ),
  )('is a note for a model that refuses it: %s, %i %s', async (wire, status, words) => {
    await using server = await startTextServer(wire, status, words);
    const client = new LLMClient({ provider: WIRES[wire].provider(server.url), model: 'm' });

    expect(await client.complete({ messages })).toMatchObject({ text: 'You are welcome' });
    await client.complete({ messages });

    expect(server.requests.map(({ body }) => body.includes(PNG))).toEqual([true, false, false]);
    expect(server.requests[1]?.body).toContain('cat.png');
    expect(server.requests[1]?.body).toContain('What is this?');
  });

  it('is a note after a refusal inside the stream', async () => {
    await using server = await startHttpServer((request) =>
      request.body.includes(PNG)
        ? {
            chunks: [{ text: `${JSON.stringify({ error: 'this model is missing data required for image input' })}\n` }],
          }
        : { chunks: [{ text: WIRES.ollama.answer('You are welcome') }] },
    );
    const client = new LLMClient({ provider: WIRES.ollama.provider(server.url), model: 'm' });

    expect(await client.complete({ messages })).toMatchObject({ text: 'You are welcome' });
    expect(server.requests).toHaveLength(2);
  });

  it('is still sent to another model', async () => {
    await using server = await startTextServer('openai', 404, 'No endpoints found that support image input');
    const client = new LLMClient({ provider: WIRES.openai.provider(server.url), model: 'm', retry: false });
    await client.complete({ messages });
    await client.complete({ model: 'other', messages });

    expect(server.requests.map(({ body }) => body.includes(PNG))).toEqual([true, false, true, false]);
  });

  it('is not left out if the last message has a file too', async () => {
    await using server = await startTextServer('openai', 404, 'No endpoints found that support image input');
    const client = new LLMClient({ provider: WIRES.openai.provider(server.url), model: 'm', retry: false });

    expect(await failureOf(client.complete({ messages: [...messages, earlier[0]!] }))).toMatchObject({
      code: 'invalid_request',
    });
    expect(server.requests).toHaveLength(1);
  });
});
