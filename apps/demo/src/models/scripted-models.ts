import { LLMError, type LLMErrorCode, type ResolvedRequest } from '@rivulet/core';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import type { ErrorResponse, TextResponse } from '@copilotkit/aimock';
import { faults } from '../../server/reply/faults.ts';
import {
  asksForPatience,
  CHARACTERS_PER_TOKEN,
  demoModelInfo,
  demoModels,
  SLOW_PACE,
  type Pace,
} from '../../server/reply/models.ts';
import { composeReply } from '../../server/reply/reply.ts';
import { lastPrompt } from '../../server/reply/request.ts';
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
  connect: () => scripted(answer),
};

function answer({ model, messages, temperature, maxTokens }: ResolvedRequest): ScriptedAnswer {
  const request = {
    model: model ?? '',
    messages: messages.map(({ role, content }) => ({ role, content: content ?? null })),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof maxTokens === 'number' && { max_tokens: maxTokens }),
  };
  const prompt = lastPrompt(request);
  const fault = faults.find(({ matches }) => matches(prompt));
  if (fault) {
    const response = typeof fault.response === 'function' ? fault.response() : fault.response;
    return 'error' in response ? toFailure(response) : toAnswer(response, fault.pace, fault.cutAfterChunks);
  }
  const demoModel = demoModels.find(({ id }) => id === model);
  const composed = composeReply(request, {
    thinks: demoModel?.thinks ?? false,
    charactersPerToken: CHARACTERS_PER_TOKEN,
  });
  return toAnswer(composed, asksForPatience(prompt) ? SLOW_PACE : demoModel?.pace);
}

function toAnswer(response: TextResponse, pace: Pace | undefined, cutAfterChunks?: number): ScriptedAnswer {
  const { content, reasoning, finishReason, usage } = response;
  return {
    delayMs: pace?.ttft,
    tokensPerSecond: pace?.tps,
    reasoning,
    text: cutAfterChunks === undefined ? content : content.slice(0, cutAfterChunks * CHARACTERS_PER_TOKEN),
    usage: usage && { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
    finishReason: finishReason === 'length' ? 'length' : finishReason === 'content_filter' ? 'content-filter' : 'stop',
    error: cutAfterChunks === undefined ? undefined : new LLMError('The script broke off.', { code: 'network' }),
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
