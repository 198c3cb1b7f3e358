import type { Brief } from './brief.ts';
import { capitalize } from './text.ts';

const GOOD =
  /\b(love|loved|great|excellent|perfect|best|wonderful|beautiful|fantastic|better|happy|delightful|joy|charm|sturdy|good|comfortable|friendly|crisp)\b/gi;
const BAD =
  /\b(cracked|broke|broken|terrible|tore|returned|hurt|disappointing|poor|loud|awful|rusted|waste|useless|bad|cheap|peeled|dangerous|avoid|loses|leaks|refused|missing|frustrating|soaked|slow)\b/gi;

/** A verdict on the text of the prompt, in one line. It is for tables, so it says nothing else, also not who says it. */
export function composeVerdict({ prompt }: Brief): string {
  const text = textOf(prompt);
  const score = count(text, GOOD) - count(text, BAD);
  const isMixed = score === 0 && count(text, GOOD) > 0;
  const label = isMixed ? 'Mixed' : score > 0 ? 'Positive' : score < 0 ? 'Negative' : 'Neutral';
  // The longest sentence says why.
  const sentences = text.match(/[^.!?\n]+[.!?]*/gu) ?? [];
  const telling = sentences.reduce((longest, next) => (next.length > longest.length ? next : longest), '').trim();
  return `${label}: ${telling ? capitalize(telling) : 'there is nothing to judge.'}`;
}

/** What follows the instruction: after a blank line, or else after a colon. */
function textOf(prompt: string): string {
  return /\n[ \t]*\n([^]*)$/.exec(prompt)?.[1] ?? /:\s([^]*)$/.exec(prompt)?.[1] ?? '';
}

function count(text: string, words: RegExp): number {
  return text.match(words)?.length ?? 0;
}
