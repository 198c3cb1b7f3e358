import type { ChatCompletionRequest, TextResponse } from '@copilotkit/aimock';
import { readBrief, type Brief } from './brief.ts';
import { composeCode } from './code.ts';
import { composeComparison } from './comparison.ts';
import { composeExplanation } from './explanation.ts';
import { composeGreeting } from './greeting.ts';
import { composeList } from './list.ts';
import { createPicker, type Picker } from './picker.ts';
import { composePoem } from './poem.ts';
import { composeReasoning } from './reasoning.ts';
import { allText, lastPrompt, tokenLimit } from './request.ts';
import { composeStory } from './story.ts';
import { composeVerdict } from './verdict.ts';

export interface ReplyOptions {
  /** Give reasoning even when the prompt does not ask for it. */
  thinks: boolean;
  charactersPerToken: number;
}

type Composer = (brief: Brief, pick: Picker) => string;

const composers: Record<Brief['kind'], Composer> = {
  verdict: composeVerdict,
  code: composeCode,
  poem: composePoem,
  story: composeStory,
  list: composeList,
  comparison: composeComparison,
  greeting: composeGreeting,
  explanation: composeExplanation,
};

/** Composes an answer to any prompt out of its words, held to the request's token limit. */
export function composeReply(
  request: ChatCompletionRequest,
  { thinks, charactersPerToken }: ReplyOptions,
): TextResponse {
  const brief = readBrief(lastPrompt(request));
  const pick = createPicker(brief.prompt + variation(request));
  const body = composers[brief.kind](brief, pick);
  const fullContent = brief.kind === 'verdict' ? body : `${disclosure(pick)}\n\n${body}`;
  const fullReasoning = thinks || brief.wantsReasoning ? composeReasoning(brief) : '';

  const limit = tokenLimit(request) * charactersPerToken;
  const reasoning = fullReasoning.slice(0, limit);
  const content = fullContent.slice(0, limit - reasoning.length);
  const isCut = content.length < fullContent.length;
  return {
    content,
    ...(reasoning && { reasoning }),
    finishReason: isCut ? 'length' : 'stop',
    usage: {
      prompt_tokens: Math.ceil(allText(request).length / charactersPerToken),
      completion_tokens: Math.ceil((reasoning.length + content.length) / charactersPerToken),
    },
  };
}

/** At temperature 0 a prompt always gets the same answer, as with a real model. */
function variation(request: ChatCompletionRequest): string {
  return request.temperature === 0 ? '' : String(Math.random());
}

/** First, so that it is read even when the answer is stopped. */
function disclosure(pick: Picker): string {
  return pick([
    'This is Rivulet’s offline demo model, not a real one: a small program composes the answer from your words.',
    'Rivulet’s offline demo model answers: no real model is asked, a small program arranges what it has.',
    'You are reading Rivulet’s offline demo model. It is no real model, only a small program on your machine.',
  ]);
}
