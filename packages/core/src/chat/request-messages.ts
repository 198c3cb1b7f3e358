import type { MessageInput, Part, Role } from '../message.ts';
import { openCallsOf } from './open-calls.ts';

const NOT_CARRIED_OUT = 'The call was not carried out.';

/**
 * The messages of a chat as a provider takes them. Most want the results of tools in messages of their own, between the
 * steps of an answer; backends of an app take an answer whole. Each call gets a result, because a history without it is
 * refused; one that broke off is left out.
 */
export function toRequestMessages(
  messages: readonly (MessageInput & { readonly openFrom?: number | undefined })[],
  takesWholeAnswers: boolean | undefined,
): MessageInput[] {
  return messages.flatMap((message): MessageInput | MessageInput[] => {
    const { id, role, metadata, openFrom = Infinity, parts } = message;
    if (role !== 'assistant' || !parts) return message;
    const openCalls: readonly Part[] = openCallsOf(parts);
    const steps: { readonly role: Role; readonly parts: Part[] }[] = [];
    let unanswered: Part[] = [];

    function add(part: Part, as: Role): void {
      if (steps.at(-1)?.role !== as) steps.push({ role: as, parts: [] });
      steps.at(-1)?.parts.push(part);
    }

    function answerRest(): void {
      for (const part of unanswered) add(part, 'tool');
      unanswered = [];
    }

    parts.forEach((part, index) => {
      if (part.type === 'tool-result') {
        answerRest();
        add(part, 'tool');
        return;
      }
      const isOpenCall = part.type === 'tool-call' && openCalls.includes(part);
      if (isOpenCall && index >= openFrom) return;
      // What the user decided is for the backend to carry out.
      if (isOpenCall && !(takesWholeAnswers && part.approval?.approved !== undefined)) {
        unanswered.push({
          type: 'tool-result',
          toolCallId: part.id,
          name: part.name,
          output: NOT_CARRIED_OUT,
          isError: true,
        });
      } else if (unanswered[0] && !isOpenCall && part.type !== 'tool-call') {
        answerRest();
      }
      add(part, role);
    });
    answerRest();
    const [first, ...rest] = steps;
    if (!first) return [];
    return takesWholeAnswers
      ? { id, metadata, role, parts: steps.flatMap((step) => step.parts) }
      : [{ id, metadata, ...first }, ...rest];
  });
}
