import { LLMError } from '../errors/error.ts';
import { kindOf } from '../utils/kind-of.ts';
import type { MessageInput, Part } from '../types/message.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import { record } from '../utils/read-value.ts';
import { abortable } from '../utils/abortable.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatRequestOptions } from './chat-input.ts';
import type { ChatOptions } from './chat-options.ts';
import { providerOf, type ChatState, type Turn } from './state.ts';
import { followRun } from './follow-run.ts';
import { openCallsOf } from './open-calls.ts';
import { toRequestMessages } from './request-messages.ts';

/** What a step is for, besides the answer to a message. */
export interface StepPurpose {
  /** The answer that it is asked for in place of. */
  readonly replaces?: string | undefined;
  /** The answer was cut, or the person wants more of it. */
  readonly goesOn?: boolean | undefined;
  readonly resume?: boolean | undefined;
}

/**
 * What a function of the app returned, as messages to send.
 * @param option the function.
 * @throws {LLMError} with code `config` if it is not a list of messages.
 */
function readPrepared(value: unknown, option: string): readonly MessageInput[] {
  if (!Array.isArray(value)) throw notMessages(option, kindOf(value));
  const wrong = value.findIndex((message) => !record(message));
  if (wrong >= 0) throw notMessages(option, `a list with ${kindOf(value[wrong])}`);
  return value;
}

function notMessages(option: string, found: string): LLMError {
  return new LLMError(`createChat: ${option} must return a list of messages, not ${found}`, { code: 'config' });
}

const CONTINUE_PROMPT = 'Go on exactly where you stopped. Repeat nothing.';

/** Asks for the next step of the last answer, or for an answer to the last message. Gives the id of the answer. */
export async function requestStep(
  state: ChatState,
  { last: leaf, signal }: Turn,
  call: ChatRequestOptions | undefined,
  { replaces, resume, goesOn: wantsMore }: StepPurpose,
): Promise<string> {
  const { view, tree, options } = state;
  const all = mergeDefined<ChatOptions>(options(), call);
  const { prepareMessages } = all;
  let { onContextLength } = all;
  const message = tree.get(leaf);
  const answer = message?.role === 'assistant' ? message : undefined;
  const { finishReason, parts = [], openFrom } = answer ?? {};
  const openCalls = new Set<Part>(openCallsOf(parts));
  // What a backend writes comes again from its start.
  const isAgain = resume && finishReason !== 'tool-calls' && finishReason !== 'pause';
  const keptUntil = openFrom ?? (isAgain ? 0 : Infinity);
  // Of a call that was cut nothing can be made.
  const before = parts.filter((part, index) => index < keptUntil || (!resume && !openCalls.has(part)));
  const last = before.at(-1);
  const goesOn = wantsMore && last && finishReason !== 'pause' && last.type !== 'tool-result';
  const cut = goesOn && last.type === 'text' ? last : undefined;
  let history: readonly MessageInput[] = tree.pathTo(leaf);
  if (prepareMessages) {
    const prepared = await abortable((async () => prepareMessages(history as ChatMessage[], { signal }))(), signal);
    history = readPrepared(prepared, 'prepareMessages');
  }
  for (;;) {
    // It may have been stopped just after that.
    signal.throwIfAborted();
    const run = all.client.stream(
      {
        system: all.system,
        model: all.model,
        temperature: all.temperature,
        maxTokens: all.maxTokens,
        stop: all.stop,
        toolChoice: all.toolChoice,
        reasoning: all.reasoning,
        providerOptions: all.providerOptions,
        messages: [
          ...toRequestMessages(history, providerOf(state).supports.wholeAnswers),
          ...(goesOn ? [{ role: 'user' as const, content: all.continuePrompt ?? CONTINUE_PROMPT }] : []),
        ],
        tools: Object.entries(all.tools ?? {}).map(([name, { description, strict, toJSONSchema }]) => ({
          name,
          description,
          strict,
          inputSchema: toJSONSchema(),
        })),
        conversation: { id: view.id, replaces, resume },
      },
      { headers: all.headers, timeout: all.timeout, signal, retry: resume ? false : all.retry },
    );
    try {
      return await followRun(state, run, { leaf, answer, before, cut, resume });
    } catch (failure) {
      const shorten = (failure as LLMError).code === 'context_length' && onContextLength;
      const shorter = shorten && (await abortable((async () => shorten(history, failure as LLMError))(), signal));
      // Once: what is still too long fails.
      onContextLength = undefined;
      if (!shorter) throw failure;
      history = readPrepared(shorter, 'onContextLength');
    }
  }
}
