import { lastPrompt, type Question } from './question.ts';
import { numbered, paragraphs } from './text.ts';

/** An answer from the conversation so far, where the prompt asks about it. */
export function composeFromConversation(question: Question): string | undefined {
  const prompt = lastPrompt(question);
  const asked = question.turns.flatMap((turn) => (turn.role === 'user' ? turn.text : []));
  const before = asked.slice(0, -1);
  const [first] = before;
  const last = before.at(-1);

  if (/\bmy name\b.*\?|\bwho am i\b|\bdo you (remember|know) my name\b/i.test(prompt)) {
    const name = before.findLast((text) => NAME.test(text)) ?? '';
    const known = NAME.exec(name)?.[1];
    return known ? `Your name is ${known}: you told me so.` : 'You have not told me your name yet.';
  }
  const introduced = prompt.length < 80 ? NAME.exec(prompt)?.[1] : undefined;
  if (introduced)
    return `Pleased to meet you, ${introduced}. Ask me later what your name is: it stays in the conversation.`;

  if (
    /\b(what|which)\b.*\b(i|my)\b.*\b(ask|say|said|asked|question|message|write|wrote)\b.*\bfirst\b|\bmy (very )?first (question|message)\b|\bwhat did i first\b/i.test(
      prompt,
    )
  ) {
    return first === undefined
      ? `This is the first thing that you asked: ${quote(prompt)}`
      : `First you asked: ${quote(first)}`;
  }
  if (/\bwhat did i (just )?(ask|say|write)\b|\bmy (last|previous) (question|message)\b/i.test(prompt)) {
    return last === undefined ? 'Nothing came before this question.' : `Before this you asked: ${quote(last)}`;
  }
  if (/\bhow many (questions|messages|things)\b.*\b(i|we|so far)\b/i.test(prompt)) {
    return `This is your message number ${asked.length} in this conversation.`;
  }
  if (/\b(summari[sz]e|recap|sum up)\b.*\b(conversation|chat|discussion|so far|we)\b/i.test(prompt)) {
    if (before.length === 0) return 'There is nothing to sum up yet: this is your first message.';
    return paragraphs('So far you asked:', numbered(before.slice(-12).map(shorten)));
  }
  return undefined;
}

const NAME = /\b(?:my name is|i am called|call me|i'm called)\s+(\p{L}[\p{L}’'-]{0,30}(?:\s\p{Lu}[\p{L}’'-]{0,30})?)/iu;

function quote(text: string): string {
  return `“${shorten(text)}”`;
}

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 157)}…` : line;
}
