import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { bullets, capitalize, paragraphs } from './text.ts';

export function composeComparison(brief: Brief, pick: Picker): string {
  const [first, second] = findSides(brief);
  return paragraphs(
    `# ${capitalize(first)} and ${second}`,
    pick([
      'I cannot say which is better, and a page that can, without asking what you need it for, should not be trusted. This is how I would find out.',
      'The honest answer starts with “it depends”; the useful one says on what.',
    ]),
    `## When ${first} is the better choice`,
    bullets([
      `What you have fits ${first} as it is, and moving would cost more than staying.`,
      `The worst case of ${first} is one you could live with.`,
      'Someone near you knows it well enough to be asked at five in the afternoon.',
    ]),
    `## When it is ${second}`,
    bullets([
      `The thing that annoys you daily is one that ${second} simply does not have.`,
      'You will need it for longer than it takes to learn.',
      `You tried ${second} on a real piece of work, not on its own example.`,
    ]),
    `## A test that takes an hour`,
    `Take one case that went wrong last month. Do it once with ${first} and once with ${second}, and write down the moment at which you first had to look something up. The later moment wins.`,
  );
}

function findSides({ prompt, keywords }: Brief): [string, string] {
  const pair =
    /(?:compare|between|comparison of)\s+(.{2,40}?)\s+(?:and|with|to|versus|vs\.?)\s+([^.?!,\n]{2,40})/i.exec(prompt) ??
    /([\p{L}\p{N}+#.-]{2,30})\s+(?:versus|vs\.?|or)\s+([\p{L}\p{N}+#.-]{2,30})/iu.exec(prompt);
  return [pair?.[1]?.trim() ?? keywords[1] ?? 'the one', pair?.[2]?.trim() ?? keywords[2] ?? 'the other'];
}
