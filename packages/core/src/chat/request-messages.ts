import type { MessageInput, Part, Role } from '../types/message.ts';
import type { ChatMessage } from './chat-message.ts';
import { openCallsOf } from './open-calls.ts';

const NOT_CARRIED_OUT = 'The call was not carried out.';

/** A message to send. Those of the chat have these fields too. */
type HistoryMessage = MessageInput & Pick<Partial<ChatMessage>, 'openFrom' | 'finishReason'>;

/**
 * Whether a filter blocked the prompt, or the model's answer to it: with nothing written, or as a refusal without a text for
 * the user. Sent again, such an exchange has later requests refused too.
 * https://platform.claude.com/docs/en/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals
 */
function isBlocked({ role, finishReason, parts = [] }: HistoryMessage): boolean {
  if (role !== 'assistant') return false;
  if (finishReason === 'content-filter') return !parts.some(({ type }) => type !== 'reasoning');
  return finishReason === 'refusal' && !parts.some(({ type }) => type === 'refusal');
}

/** The messages without blocked answers, and without the message that each one answers. The last message always stays. */
function withoutBlocked(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
  const kept: HistoryMessage[] = [];
  messages.forEach((message, index) => {
    if (index === messages.length - 1 || !isBlocked(message)) {
      kept.push(message);
      return;
    }
    if (kept.at(-1)?.role === 'user') kept.pop();
  });
  return kept;
}

/**
 * The messages of a chat as a provider takes them. Most want the results of tools in messages of their own, between the
 * steps of an answer; backends of an app take an answer whole. Each call gets a result, because a history without it is
 * refused; one that broke off is left out, and so are blocked exchanges, except for backends, which decide on their own.
 */
export function toRequestMessages(
  messages: readonly HistoryMessage[],
  takesWholeAnswers: boolean | undefined,
): MessageInput[] {
  const sent = takesWholeAnswers ? messages : withoutBlocked(messages);
  return sent.flatMap((message): MessageInput | MessageInput[] => {
    const { id, role, metadata, openFrom = Infinity, parts } = message;
    if (role !== 'assistant' || !parts) return message;
    const openCalls = new Set<Part>(openCallsOf(parts));
    const steps: { readonly role: Role; readonly parts: Part[] }[] = [];
    let unanswered: Part[] = [];

    function add(part: Part, as: Role): void {
      const step = steps.at(-1);
      if (step?.role === as) step.parts.push(part);
      else steps.push({ role: as, parts: [part] });
    }

    function answerRest(): void {
      for (const part of unanswered) add(part, 'tool');
      unanswered = [];
    }

    parts.forEach((part, index) => {
      // A source may come between two calls of one step.
      if (part.type !== 'tool-call') {
        if (part.type !== 'source') answerRest();
      } else if (openCalls.has(part)) {
        if (index >= openFrom) return;
        const { id: toolCallId, name, approval } = part;
        // What the user decided is for the backend to carry out.
        if (!takesWholeAnswers || approval?.approved === undefined) {
          unanswered.push({ type: 'tool-result', toolCallId, name, output: NOT_CARRIED_OUT, isError: true });
        }
      }
      add(part, part.type === 'tool-result' ? 'tool' : role);
    });
    answerRest();
    return takesWholeAnswers && steps[0]
      ? { id, metadata, role, parts: steps.flatMap((step) => step.parts) }
      : steps.map((step, index) => (index ? step : Object.assign({ id, metadata }, step)));
  });
}
