import { readBrief, type Brief } from './brief.ts';
import { composeCode } from './code.ts';
import { composeComparison } from './comparison.ts';
import { composeFromConversation } from './conversation.ts';
import { composeExplanation } from './explanation.ts';
import { composeGreeting } from './greeting.ts';
import { composeList } from './list.ts';
import { composeMarkdown } from './markdown.ts';
import { answerTool, composeObject, damage, readCommand, schemaOf, spoil } from './object-answer.ts';
import { createPicker, type Picker } from './picker.ts';
import { composePoem } from './poem.ts';
import { allText, currentTurns, lastPrompt, type Question } from './question.ts';
import { composeCallReasoning, composeObjectReasoning, composeReasoning } from './reasoning.ts';
import { composeStory } from './story.ts';
import { paragraphs } from './text.ts';
import { composeCalls, composeFromResults } from './tools.ts';
import { composeVerdict } from './verdict.ts';

export interface ReplyOptions {
  /** Give reasoning even when the prompt does not ask for it. */
  thinks: boolean;
  /** Default true. Without, JSON comes with prose and a fence around it. */
  hasJsonMode?: boolean | undefined;
  charactersPerToken: number;
}

export interface Reply {
  content: string;
  reasoning?: string;
  /** The arguments as they are written: they may be broken. */
  toolCalls?: { name: string; arguments: string }[];
  finishReason: 'stop' | 'length' | 'content_filter' | 'refusal' | 'tool_calls';
  usage: { prompt_tokens: number; completion_tokens: number };
  /** The connection is to break after this many characters. */
  cutAt?: number | undefined;
}

type Composer = (brief: Brief, pick: Picker) => string;

const composers: Record<Brief['kind'], Composer> = {
  verdict: composeVerdict,
  markdown: composeMarkdown,
  code: composeCode,
  poem: composePoem,
  story: composeStory,
  list: composeList,
  comparison: composeComparison,
  greeting: composeGreeting,
  explanation: composeExplanation,
};

/**
 * Composes an answer to any request: calls of its tools, JSON of its schema, or text out of the words of its prompt, held
 * to its token limit.
 */
export function composeReply(question: Question, options: ReplyOptions): Reply {
  const { thinks } = options;
  const schema = schemaOf(question);
  const answerTo = answerTool(question);
  const calls = answerTo ? [] : composeCalls(question);
  if (calls.length > 0) {
    const { command } = readCommand(lastPrompt(question));
    // What it was told to do wrong it does once.
    const isFirst = currentTurns(question).length === 0;
    const toolCalls = calls.map(({ name, input }) => {
      const json = JSON.stringify(isFirst && command === 'invalid' ? spoil(input) : input);
      return { name, arguments: isFirst && command === 'broken' ? damage(json) : json };
    });
    const reasoning = thinks ? composeCallReasoning(calls.map(({ name }) => name)) : '';
    return finish(question, options, { content: '', reasoning, toolCalls, finishReason: 'tool_calls' });
  }
  if (schema) {
    const reasoning = thinks ? composeObjectReasoning(schema) : '';
    const answer = composeObject(question, schema, !!answerTo || (options.hasJsonMode ?? true));
    const { content, finishReason } = answer;
    const called =
      answerTo && finishReason !== 'refusal'
        ? {
            content: '',
            toolCalls: [{ name: answerTo.name, arguments: content }],
            finishReason: finishReason === 'length' ? finishReason : ('tool_calls' as const),
          }
        : {};
    return finish(question, options, { reasoning, ...answer, ...called });
  }
  return composeText(question, options);
}

function composeText(question: Question, options: ReplyOptions): Reply {
  const brief = readBrief(lastPrompt(question));
  const pick = createPicker(brief.prompt + variation(question));
  const own = composeFromResults(question) ?? composeFromConversation(question);
  const body = own ?? composers[brief.kind](brief, pick);
  const content = own || brief.kind === 'verdict' ? body : paragraphs(disclosure(pick), aboutFiles(question), body);
  const reasoning = options.thinks || brief.wantsReasoning ? composeReasoning(brief) : '';
  return finish(question, options, { content, reasoning, finishReason: 'stop' });
}

/** Holds an answer to the limit on tokens, and counts them. */
function finish(
  question: Question,
  { charactersPerToken }: ReplyOptions,
  full: Omit<Reply, 'usage' | 'reasoning'> & { reasoning: string },
): Reply {
  const { toolCalls, cutAt } = full;
  const limit = (question.maxTokens ?? Infinity) * charactersPerToken;
  const reasoning = full.reasoning.slice(0, limit);
  const content = full.content.slice(0, limit - reasoning.length);
  const isCut = content.length < full.content.length;
  const written = reasoning.length + content.length + JSON.stringify(toolCalls ?? '').length - (toolCalls ? 0 : 2);
  return {
    content,
    ...(reasoning && { reasoning }),
    ...(toolCalls && { toolCalls }),
    finishReason: isCut ? 'length' : full.finishReason,
    usage: {
      prompt_tokens: Math.ceil(allText(question).length / charactersPerToken),
      completion_tokens: Math.ceil(written / charactersPerToken),
    },
    ...(cutAt !== undefined && { cutAt }),
  };
}

function aboutFiles({ turns }: Question): string {
  const last = turns.findLast((turn) => turn.role === 'user');
  const files = last?.role === 'user' ? last.files : 0;
  if (files === 0) return '';
  return `I see that ${files === 1 ? 'a file is' : `${files} files are`} attached, but I cannot look into ${files === 1 ? 'it' : 'them'}: I only read text.`;
}

/** At temperature 0 a prompt always gets the same answer, as with a real model. */
function variation({ temperature }: Question): string {
  return temperature === 0 ? '' : String(Math.random());
}

/** First, so that it is read even when the answer is stopped. */
function disclosure(pick: Picker): string {
  return pick([
    'This is Rivulet’s offline demo model, not a real one: a small program composes the answer from your words.',
    'Rivulet’s offline demo model answers: no real model is asked, a small program arranges what it has.',
    'You are reading Rivulet’s offline demo model. It is no real model, only a small program on your machine.',
  ]);
}
