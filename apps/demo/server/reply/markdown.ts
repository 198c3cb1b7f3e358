import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { capitalize, paragraphs } from './text.ts';

const SPARE = ['water', 'stone', 'light', 'salt', 'wood'];

/** A bit of everything that Markdown has, about the subject of the prompt. */
export function composeMarkdown(brief: Brief, pick: Picker): string {
  const { subject, keywords, wordCount, longestWord, isLong } = brief;
  // A word of absurd length would not fit the usual limit five times.
  const own = keywords.filter((word) => word.length < 24 && !/^(markdown|table|formatting|footnotes?)$/.test(word));
  const words = [...own, ...SPARE.filter((word) => !own.includes(word))].slice(0, SPARE.length);
  const [first = '', second = '', third = ''] = words;
  const code = [TYPESCRIPT, PYTHON, SQL, BASH];
  return paragraphs(
    `# ${capitalize(subject)}`,
    `A page with **strong**, *emphasised*, ***both*** and ~~struck~~ words, \`inline code\`, a [link](https://commonmark.org/help/) and a footnote.[^1]`,
    '## In order',
    `1. ${capitalize(first)}, the part that comes first\n   - what it needs\n     - time\n     - *patience*\n   - what it gives\n2. ${capitalize(second)}\n   1. measured once\n   2. measured **again**\n3. ${capitalize(third)}, when the rest is done`,
    '- [x] read the prompt\n- [ ] understand it',
    '## In figures',
    `| of the prompt | count | share |\n| :--- | ---: | :---: |\n| words | ${wordCount} | 100 % |\n| words that carry it | ${keywords.length} | ${wordCount ? Math.round((keywords.length / wordCount) * 100) : 0} % |\n| letters of “${longestWord.slice(0, 30).replace(/\|/g, '')}” | ${longestWord.length} | |`,
    '## In code',
    pick(['The same small thing in two languages:', 'One task, said twice:']),
    TYPESCRIPT,
    PYTHON,
    '## In the words of others',
    `> ${pick(['No one steps into the same river twice.', 'The river is everywhere at the same time.'])}\n>\n> > And a quote within it, with \`code\`.`,
    ...(isLong ? longer(code, words) : []),
    '---',
    '[^1]: A footnote stands at the end, and its text may have **marks** too.',
  );
}

/** Several thousand characters more, still within the usual limit of 2000 tokens. */
function longer(code: readonly string[], words: readonly string[]): string[] {
  const chapters = words.map((word, index) =>
    paragraphs(
      `## ${index + 1}. ${capitalize(word)}`,
      `“${capitalize(word)}” is easier to *show* than to define. Begin with the plainest case, the one that everybody has seen, and write down what is true of it: that list is your definition, until something does not fit. Then take the strangest case that still counts. What the two have in common is what ${word} means; what they do not share is decoration, however often it is found.`,
      `### What to look at\n\n- the **start**: who needs ${word}, and who pays for it\n- the **middle**\n  - what can be left out\n  - what must not be\n- the **end**: how you would notice that it is *done*`,
      `| ${word} | little of it | much of it |\n| --- | --- | --- |\n| cost | low | grows faster than it |\n| use | soon seen | hard to see |\n| risk | \`none\` | \`some\` |`,
      code[(index + 1) % code.length] ?? '',
      `> The best account of ${word} is the one that lets a reader predict something. If nothing could prove it wrong, it says nothing.`,
    ),
  );
  return chapters;
}

const TYPESCRIPT = `\`\`\`ts
export function count(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
\`\`\``;
const PYTHON = `\`\`\`python
from collections import Counter

def count(words: list[str]) -> Counter[str]:
    return Counter(words)
\`\`\``;
const SQL = `\`\`\`sql
SELECT word, count(*) AS times
FROM words
GROUP BY word
ORDER BY times DESC;
\`\`\``;
const BASH = `\`\`\`bash
tr -s '[:space:]' '\\n' < words.txt | sort | uniq -c | sort -rn
\`\`\``;
