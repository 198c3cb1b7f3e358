import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { bullets, paragraphs } from './text.ts';

export function composeGreeting(_brief: Brief, pick: Picker): string {
  return paragraphs(
    pick([
      'Hello! The line is open and the tokens flow.',
      'Hello. You are through, and this is streaming as you read it.',
    ]),
    'Things to try:',
    bullets([
      'ask how tokens reach this page, or how a river finds the sea;',
      'ask for a debounce function in TypeScript;',
      'ask for a table, nested lists and footnotes in Markdown;',
      'begin with “Think step by step” to see reasoning;',
      'say “Cut the answer off” or “Fail with a rate limit” to see how errors look.',
    ]),
  );
}
