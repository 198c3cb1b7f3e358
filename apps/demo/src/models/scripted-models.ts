import { LLMError, type LLMErrorCode, type ResolvedRequest } from '@rivulet/core';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import type { ErrorResponse } from '@copilotkit/aimock';
import { faultFor } from '../../server/reply/faults.ts';
import {
  asksForPatience,
  CHARACTERS_PER_TOKEN,
  demoModelInfo,
  demoModels,
  SLOW_PACE,
  type Pace,
} from '../../server/reply/models.ts';
import { lastPrompt, readQuestion } from '../../server/reply/question.ts';
import { composeReply, type Reply } from '../../server/reply/reply.ts';
import type { ModelSource } from './model-source.ts';

/** The demo's own model, run in the page: for a host that serves nothing but files. */
export const scriptedModels: ModelSource = {
  notice:
    'This page is scripted. No model is asked and nothing you write is sent: a small program in the page composes each answer from your words.',
  providers: [
    {
      id: 'scripted',
      label: 'Scripted',
      description: 'In the page, without a server.',
      mode: 'scripted',
      models: demoModelInfo,
    },
  ],
  // In these words a request can ask for JSON of a schema; the script reads them.
  connect: () => ({ ...scripted(answer), supports: { tools: true, json: 'openai' } }),
};

function answer({ providerOptions, ...request }: ResolvedRequest): ScriptedAnswer {
  const question = readQuestion({ ...request, ...providerOptions?.['scripted'] });
  const fault = faultFor(question);
  if (fault) {
    const response = typeof fault.response === 'function' ? fault.response() : fault.response;
    if ('error' in response) return toFailure(response);
    const { content, finishReason } = response;
    return toAnswer({
      content,
      finishReason: finishReason === 'length' || finishReason === 'content_filter' ? finishReason : 'stop',
      cutAt: fault.cutAfterChunks === undefined ? undefined : fault.cutAfterChunks * CHARACTERS_PER_TOKEN,
      pace: fault.pace,
    });
  }
  const demoModel = demoModels.find(({ id }) => id === question.model);
  const reply = composeReply(question, {
    thinks: demoModel?.thinks ?? false,
    hasJsonMode: !demoModel?.lacksJsonMode,
    charactersPerToken: CHARACTERS_PER_TOKEN,
  });
  return toAnswer({ ...reply, pace: asksForPatience(lastPrompt(question)) ? SLOW_PACE : demoModel?.pace });
}

const FINISH_REASONS = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  refusal: 'content-filter',
  tool_calls: 'tool-calls',
} as const;

function toAnswer(reply: Omit<Reply, 'usage'> & { usage?: Reply['usage']; pace: Pace | undefined }): ScriptedAnswer {
  const { content, reasoning, toolCalls, finishReason, usage, cutAt, pace } = reply;
  return {
    delayMs: pace?.ttft,
    tokensPerSecond: pace?.tps,
    reasoning,
    text: cutAt === undefined ? content : content.slice(0, cutAt),
    toolCalls: toolCalls?.map(({ name, arguments: rawInput }) => ({ name, rawInput: rawInput.slice(0, cutAt) })),
    usage: usage && { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
    finishReason: FINISH_REASONS[finishReason],
    error: cutAt === undefined ? undefined : new LLMError('The script broke off.', { code: 'network' }),
  };
}

function toFailure({ error, status = 500, retryAfter }: ErrorResponse): ScriptedAnswer {
  return {
    delayMs: 300,
    error: new LLMError(error.message, {
      code: codeOf(status, error.code),
      status,
      retryAfterMs: typeof retryAfter === 'number' ? retryAfter * 1000 : undefined,
    }),
  };
}

function codeOf(status: number, code: string | undefined): LLMErrorCode {
  if (code === 'insufficient_quota') return 'insufficient_quota';
  if (status === 429) return 'rate_limit';
  if (status === 401) return 'authentication';
  if (status === 400) return 'context_length';
  return status === 503 ? 'overloaded' : 'server';
}
