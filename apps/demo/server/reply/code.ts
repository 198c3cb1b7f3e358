import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { snippets, type Snippet } from './snippets.ts';
import { bullets, capitalize, paragraphs } from './text.ts';

export function composeCode(brief: Brief, pick: Picker): string {
  const { title, language, code, notes } = findSnippet(brief);
  return paragraphs(
    `# ${title}`,
    pick([
      'This is how I would write it:',
      'Short enough to read before you paste it:',
      'No dependencies, and nothing clever:',
    ]),
    `\`\`\`${language}\n${code}\n\`\`\``,
    bullets(notes),
  );
}

function findSnippet(brief: Brief): Snippet {
  const language = LANGUAGES.find(([, pattern]) => pattern.test(brief.prompt))?.[0];
  const matching = snippets.filter((snippet) => snippet.mentions.test(brief.prompt));
  return (
    matching.find((snippet) => snippet.language === language) ??
    matching[0] ??
    (language === 'python' ? sketchPython(brief) : sketchTypeScript(brief))
  );
}

const LANGUAGES: readonly (readonly [string, RegExp])[] = [
  ['tsx', /\b(react|hook|component|jsx|tsx)\b/i],
  ['ts', /\b(typescript|javascript|ts|js)\b/i],
  ['python', /\b(python|py)\b/i],
  ['sql', /\b(sql|query)\b/i],
  ['css', /\bcss\b/i],
  ['bash', /\b(bash|shell)\b/i],
];

/** For a task it does not know: the shape of a solution, with the open place marked as open. */
function sketchTypeScript({ subject, keywords }: Brief): Snippet {
  const name = camelCase(keywords) || 'solve';
  const type = capitalize(name);
  return {
    title: capitalize(subject),
    language: 'ts',
    mentions: /^/,
    code: `export interface ${type}Result {
  value: string;
  /** What was skipped, and why: never drop input silently. */
  problems: string[];
}

export function ${name}(lines: readonly string[]): ${type}Result {
  const kept: string[] = [];
  const problems: string[] = [];

  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') {
      problems.push(\`line \${index + 1} is empty\`);
      continue;
    }
    // The part that knows about ${subject} goes here.
    kept.push(text);
  }
  return { value: kept.join('\\n'), problems };
}`,
    notes: [
      `I do not know the task, so \`${name}\` is a frame: it runs, and the part that is yours is marked.`,
      'A pure function with plain data in and out: a test needs no set-up.',
      'Bad input is reported next to the result and not thrown, so one bad line does not lose the others.',
    ],
  };
}

function sketchPython({ subject, keywords }: Brief): Snippet {
  const name = keywords.filter(isIdentifierWord).slice(0, 3).join('_') || 'solve';
  return {
    title: capitalize(subject),
    language: 'python',
    mentions: /^/,
    code: `from collections.abc import Iterable, Iterator


def ${name}(lines: Iterable[str]) -> Iterator[str]:
    """Yield the useful lines one by one, so that the input may be endless."""
    for line in lines:
        text = line.strip()
        if not text:
            continue
        # The part that knows about ${subject} goes here.
        yield text


if __name__ == "__main__":
    import sys

    for item in ${name}(sys.stdin):
        print(item)`,
    notes: [
      `I do not know the task, so \`${name}\` is a frame: it runs, and the part that is yours is marked.`,
      'A generator keeps one line in memory at a time.',
    ],
  };
}

function camelCase(keywords: readonly string[]): string {
  return keywords
    .filter(isIdentifierWord)
    .slice(0, 3)
    .map((word, index) => (index === 0 ? word : capitalize(word)))
    .join('');
}

/** Reserved words, and words that name the form and not the task. */
const NO_NAMES = new Set(
  (
    'code function script program snippet class typescript javascript python rust react component ' +
    'delete new return switch case default import export from yield await async def pass lambda try catch throw'
  ).split(' '),
);

function isIdentifierWord(word: string): boolean {
  return /^[a-z][a-z0-9]*$/.test(word) && !NO_NAMES.has(word);
}
