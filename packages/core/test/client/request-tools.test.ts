import { completeObject, LLMClient, type GenerateRequest, type ObjectRequest } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { type } from 'arktype';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../support/client.ts';

describe('a tool that cannot be sent is named in an error, and nothing is sent', () => {
  const schema = { type: 'object' };

  it.each<[string, unknown]>([
    ['tools[0].inputSchema is a Standard Schema', [{ name: 'f', inputSchema: z.object({ a: z.string() }) }]],
    ['tools[0].inputSchema is a Standard Schema', [{ name: 'f', inputSchema: type({ a: 'string' }) }]],
    ['tools[1].name is missing', [{ name: 'f', inputSchema: schema }, { inputSchema: schema }]],
    ['tools[0].inputSchema is missing', [{ name: 'f' }]],
    ['tools[0].name must be a string that is not empty', [{ name: '', inputSchema: schema }]],
  ])('%s: %j', async (message, tools) => {
    const provider = scripted('Hi');
    const request = { prompt: 'hello', tools } as GenerateRequest;

    expect(await failureOf(new LLMClient({ provider }).complete(request))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(message) as string,
    });
    expect(provider.requests).toHaveLength(0);
  });
});

it('a jsonSchema that is a Standard Schema is named in an error', async () => {
  const schema = z.object({ a: z.string() });
  const provider = scripted('{"a":"b"}');
  const request = { prompt: 'hello', schema, jsonSchema: schema } as ObjectRequest<typeof schema>;

  expect(await failureOf(completeObject(new LLMClient({ provider }), request))).toMatchObject({
    code: 'config',
    message: expect.stringContaining('it is a Standard Schema') as string,
  });
  expect(provider.requests).toHaveLength(0);
});
