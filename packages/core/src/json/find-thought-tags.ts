import { CLOSING_PATTERNS, escapeRegExp, TAG_NAME, THOUGHT_TAGS } from './thought-tags.ts';

const PHRASES = [
  // Granite 3.2: https://github.com/vllm-project/vllm/blob/main/vllm/reasoning/granite_reasoning_parser.py
  "Here(?: is|'s) my response:",
  // What is left of the tags of gpt-oss where a server removes special tokens.
  'assistantfinal',
];
const OPENING_PATTERNS = [
  `<\\s{0,9}${TAG_NAME}(?:\\s[^<>]{0,100})?>`,
  ...THOUGHT_TAGS.map(([opening]) => escapeRegExp(opening)),
];
const ANY_TAG = new RegExp(`(${[...CLOSING_PATTERNS, ...PHRASES].join('|')})|${OPENING_PATTERNS.join('|')}`, 'gi');

export interface FoundTag {
  readonly index: number;
  readonly end: number;
  readonly isClosing: boolean;
}

/** The tags of thoughts anywhere in a text. */
export function* findThoughtTags(text: string): Generator<FoundTag> {
  for (const { 0: tag, 1: closing, index } of text.matchAll(ANY_TAG))
    yield { index, end: index + tag.length, isClosing: closing !== undefined };
}
