import { completeObject, batch, RefusalError, streamObject, type LLMError } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { finish, frame, text } from '../support/chat-completions.ts';
import { clientOf, failureOf } from '../support/client.ts';
import { clientFor, wires } from '../support/wires.ts';

const azure = {
  error: {
    message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { jailbreak: { filtered: true, detected: true } },
    },
  },
};

/** What clouds answer to a prompt, or in place of an answer, that their filter blocks. */
const blocked: [string, number, unknown, string][] = [
  ['Azure', 400, azure, 'content_filter'],
  [
    'Azure, in the inner error alone',
    400,
    { error: { message: 'No', code: 'BadRequest', inner_error: { code: 'ResponsibleAIPolicyViolation' } } },
    'ResponsibleAIPolicyViolation',
  ],
  ['Azure images', 400, { error: { code: 'contentFilter', message: 'Task failed' } }, 'contentFilter'],
  [
    'OpenAI',
    400,
    { error: { message: 'No', type: 'invalid_request_error', param: null, code: 'content_policy_violation' } },
    'content_policy_violation',
  ],
  [
    'OpenAI images',
    400,
    { error: { message: 'No', type: 'image_generation_user_error', param: null, code: 'moderation_blocked' } },
    'moderation_blocked',
  ],
  [
    'OpenAI images in Responses',
    400,
    { error: { message: 'No', code: 'image_content_policy_violation' } },
    'image_content_policy_violation',
  ],
  [
    'OpenAI reasoning models',
    400,
    {
      error: {
        message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_prompt',
      },
    },
    'invalid_prompt',
  ],
  [
    'a gateway that quotes Azure',
    400,
    { error: { message: `Error code: 400 - {'error': {'message': "${azure.error.message}"}}`, type: 'bad_request' } },
    'bad_request',
  ],
  ['DashScope', 400, { code: 'DataInspectionFailed', message: 'No', request_id: 'a' }, 'DataInspectionFailed'],
  [
    'DashScope, OpenAI-compatible',
    400,
    { error: { code: 'data_inspection_failed', param: null, message: 'No', type: 'data_inspection_failed' } },
    'data_inspection_failed',
  ],
  [
    'a gateway before DashScope',
    400,
    { error: { message: '<400> InternalError.Algo.DataInspectionFailed: Input text data may …', code: null } },
    'InternalError.Algo.DataInspectionFailed',
  ],
  [
    'a gateway that quotes DashScope',
    400,
    { error: { message: 'Upstream error: Input text data may contain inappropriate content.', type: 'upstream' } },
    'upstream',
  ],
  ['Zhipu', 400, { contentFilter: [{ level: 1, role: 'user' }], error: { code: '1301', message: '敏感' } }, '1301'],
  ['Moonshot', 400, { error: { message: 'high risk', type: 'content_filter' } }, 'content_filter'],
  [
    'Volcengine',
    400,
    { error: { code: 'InputTextSensitiveContentDetected', message: 'No', type: 'BadRequest' } },
    'InputTextSensitiveContentDetected',
  ],
  [
    'Volcengine, by kind',
    400,
    { error: { code: 'SensitiveContentDetected.SevereViolation', message: 'No', type: 'BadRequest' } },
    'SensitiveContentDetected.SevereViolation',
  ],
  [
    'Volcengine, by risk',
    400,
    { error: { code: 'OutputTextRiskDetection', message: 'No' } },
    'OutputTextRiskDetection',
  ],
  ['MiniMax', 400, { base_resp: { status_code: 1026, status_msg: 'input new_sensitive' } }, '1026'],
  ['MiniMax, output', 400, { base_resp: { status_code: 1027, status_msg: 'output new_sensitive' } }, '1027'],
  ['StepFun', 451, { error: { message: 'blocked', type: 'censorship_blocked' } }, 'censorship_blocked'],
  [
    'xAI',
    403,
    {
      code: 'The caller does not have permission to execute the specified operation',
      error: 'Content violates usage guidelines. Team: t, Model: grok-4, Failed check: SAFETY_CHECK_TYPE_BIO',
    },
    'SAFETY_CHECK_TYPE_BIO',
  ],
  [
    'OpenRouter',
    403,
    { error: { code: 403, message: 'Flagged', metadata: { reasons: ['violence', 'hate'], flagged_input: 'a' } } },
    'violence, hate',
  ],
  [
    'a provider behind OpenRouter',
    400,
    { error: { code: 400, message: 'Provider returned error', metadata: { raw: JSON.stringify(azure) } } },
    'content_filter',
  ],
  [
    'LiteLLM',
    400,
    { error: { message: 'litellm.ContentPolicyViolationError: AzureException - filtered', code: '400' } },
    'litellm.ContentPolicyViolationError',
  ],
  ['Gemini', 400, [{ error: { code: 400, status: 'PROHIBITED_CONTENT', message: 'No' } }], 'PROHIBITED_CONTENT'],
  [
    'Anthropic',
    400,
    { type: 'error', error: { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' } },
    'invalid_request_error',
  ],
  [
    'DeepSeek',
    400,
    { error: { message: 'Content Exists Risk', type: 'invalid_request_error', code: 'invalid_request_error' } },
    'invalid_request_error',
  ],
];

describe.each(wires)('a blocked prompt by $name', ({ provider, text: before, frame: toFrame }) => {
  it.each(blocked)('is the finish reason content-filter: %s (%d)', async (_, status, body, raw) => {
    await using server = await startHttpServer({ status, chunks: [{ text: JSON.stringify(body) }] });

    const completion = await clientFor(provider(server.url)).complete('hello');

    expect(completion).toMatchObject({ text: '', finishReason: 'content-filter', rawFinishReason: raw });
    expect(server.requests).toHaveLength(1);
  });

  it.runIf(toFrame).each(blocked)('in band keeps the text before it: %s', async (_, _status, body, raw) => {
    const chunks = [{ text: before }, { text: toFrame?.(inBand(body)) }];
    await using server = await startHttpServer({ chunks });

    const run = clientFor(provider(server.url)).stream('hello');
    const completion = await run.result;

    expect(completion).toMatchObject({ text: 'Hello', finishReason: 'content-filter', rawFinishReason: raw });
    expect(run.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  });
});

/** The error of a body, in the frame that all wires have for one. */
function inBand(body: unknown): object {
  const error = Array.isArray(body) ? (body[0] as object) : (body as object);
  return 'error' in error && typeof error.error === 'object' ? { type: 'error', ...error } : { type: 'error', error };
}

describe('an error that is not a blocked prompt', () => {
  it.each<[number, unknown, string]>([
    [400, { error: { message: "Unknown parameter: 'content_filter'.", param: 'content_filter' } }, 'invalid_request'],
    [400, { error: { message: 'Unsupported value: "moderation_blocked"', code: 'invalid_value' } }, 'invalid_request'],
    [400, { error: { message: 'content filter results: field required' } }, 'invalid_request'],
    [400, { error: { message: 'Invalid prompt: a message has no role', code: 'invalid_prompt' } }, 'invalid_request'],
    [400, { error: { message: 'x', code: 'content_filter_config_invalid' } }, 'invalid_request'],
    [400, { error: { message: 'x', code: 'ContentSecurityDetectionError' } }, 'invalid_request'],
    [422, { detail: [{ type: 'extra', loc: ['body'], input: { code: 'content_filter' } }] }, 'invalid_request'],
    [400, { error: { message: 'model: DataInspectionFailed is unknown' } }, 'invalid_request'],
    [403, { error: { message: 'Forbidden', metadata: { reasons: [] } } }, 'permission_denied'],
    [429, { error: { message: 'Slow down', code: '1302' } }, 'rate_limit'],
    [400, { error: { message: 'base', base_resp: { status_code: 2013 } } }, 'invalid_request'],
  ])('has the class of its status: %d %j', async (status, body, code) => {
    await using server = await startHttpServer({ status, chunks: [{ text: JSON.stringify(body) }] });

    expect(await failureOf(clientOf(server.url).complete('hello'))).toMatchObject({ code, status });
  });
});

describe('a blocked prompt', () => {
  const answer = { status: 400, chunks: [{ text: JSON.stringify(azure) }] };
  const schema = z.object({ name: z.string() });

  it('fails an object with a RefusalError', async () => {
    await using server = await startHttpServer(answer);
    const client = clientOf(server.url);

    expect(await failureOf(completeObject(client, { prompt: 'hello', schema }))).toBeInstanceOf(RefusalError);
    expect(await failureOf(streamObject(client, { prompt: 'hello', schema }).result)).toBeInstanceOf(RefusalError);
    expect(server.requests).toHaveLength(2);
  });

  it('is an answer of a batch', async () => {
    await using server = await startHttpServer(answer);

    const results = await batch(clientOf(server.url), ['hello']).result;

    expect(results).toMatchObject([{ status: 'fulfilled', value: { finishReason: 'content-filter' } }]);
  });

  it('is an answer of a chat, which goes on', async () => {
    const next = { chunks: [{ text: text('Hello') + finish() }] };
    await using server = await startHttpServer([answer, next]);
    const chat = createChat({ client: clientOf(server.url) });

    await chat.sendMessage('bad');
    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    await chat.sendMessage('good');

    expect(chat.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
    expect(chat.getSnapshot().messages.at(-1)?.parts).toEqual([{ type: 'text', text: 'Hello' }]);
  });

  it('ends the events with the finish reason', async () => {
    await using server = await startHttpServer({ chunks: [{ text: text('Hel') }, { text: frame(azure) }] });
    const events = [];

    for await (const event of clientOf(server.url).stream('hello')) events.push(event);

    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'content-filter', raw: 'content_filter' });
  });
});

it('an error has the name that the server has for it', async () => {
  const body = { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } };
  await using server = await startHttpServer({ status: 429, chunks: [{ text: JSON.stringify(body) }] });

  const error = (await failureOf(clientOf(server.url).complete('hello'))) as LLMError;

  expect(error.serverCode).toBe('rate_limit_exceeded');
});
