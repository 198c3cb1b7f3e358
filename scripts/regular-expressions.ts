// Finds the regular expressions of the packages and of the demo's pages, and strings that may be slow to search.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor, type ESTree } from 'vite';

export interface RegularExpression {
  /** The file and line: `packages/core/src/json/thought-tags.ts:18`. */
  readonly at: string;
  readonly source: string;
  readonly flags: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['packages/core/src', 'packages/react/src', 'apps/demo/src'];

/**
 * Expressions that functions build, with the values that they get, by file. There is one entry for each call of `RegExp`
 * in a function.
 */
const BUILT: Readonly<Record<string, readonly RegExp[]>> = {
  'packages/core/src/transport/input-refusal.ts': [/\bunsupported (?:input |content )?images?\b/i],
  'packages/core/src/markdown/block-structure.ts': [/^ {0,3}`{3,} *$/],
  'packages/core/src/markdown/html-tags.ts': [/<\/script[\s/>]/i, /`+/g],
  'packages/core/src/schema/object-format.ts': [/response[_ ]?format|json_?schema|structured[_ ]outputs?/i],
  'packages/core/src/providers/openai/request.ts': [/\btools?\b[^\n]{0,160}\breasoning\b/i],
  'packages/core/src/providers/openai/returned-fields.ts': [
    /(?<!\w)reasoning_content(?!\w)/i,
    /\b(?:messages?|assistant)\b[^]{0,300}?[.'"`\]]reasoning(?!\w)/i,
  ],
  'packages/core/src/run/refusal.ts': [/\bmedium\b/i, /['"`]medium['"`]/i],
  'packages/core/src/json/thought-tags.ts': [/<\s{0,9}\/\s{0,9}think\s{0,9}>/i, /\[\/THINK\]/i],
};

/** All literals, the expressions that modules build when they are loaded, and those of `BUILT`. */
export async function findRegularExpressions(): Promise<RegularExpression[]> {
  const files = FOLDERS.flatMap(sourcesIn);
  const found = files.flatMap((file) => [...literalsIn(file), ...builtIn(file)]);
  const literals = new Set(found.map(({ source, flags }) => `/${source}/${flags}`));
  const loaded = (await builtAtLoad(files)).filter(({ source, flags }) => !literals.has(`/${source}/${flags}`));
  return [...found, ...loaded];
}

/** The files whose functions build expressions that `BUILT` does not list. */
export function findUnlistedFiles(): string[] {
  return FOLDERS.flatMap(sourcesIn).filter((file) => callsInFunctions(file) !== (BUILT[file]?.length ?? 0));
}

/** Whether every repetition has an upper bound: then each start costs a bounded number of steps. */
export function isBounded({ source }: RegularExpression): boolean {
  const plain = source.replaceAll(/\\[^]/g, '_').replaceAll(/\[[^\]]*\]/g, '_');
  if (/[*+]|\{\d+,\}|\}\)[{*+]/.test(plain)) return false;
  return plain.split('|').every((alternative) => {
    const bounds = Array.from(alternative.matchAll(/\{(?:\d*,)?(\d+)\}/g), ([, most]) => Number(most));
    return bounds.reduce((product, most) => product * most, 1) <= MOST_STEPS;
  });
}

const MOST_STEPS = 20_000;

/** Starts, repeated pieces and ends of strings in which a search may backtrack: the words and marks of the expression. */
export function attacksOn({ source }: RegularExpression): { start: string; piece: string; end: string }[] {
  const words = source.match(/[a-z]{2,}/gi) ?? [];
  const marks = source.match(/[^\w\s\\]/g) ?? [];
  const pieces = [...new Set([...words, ...marks, ...words.map((word) => `${word} `), ...COMMON])];
  return pieces.flatMap((piece) => [
    { start: '', piece, end: '' },
    { start: marks[0] ?? '', piece, end: '\0' },
    { start: words[0] ?? '', piece, end: '\n' },
    { start: prefixOf(source), piece, end: '' },
  ]);
}

/** The plain characters that an expression begins with. */
function prefixOf(source: string): string {
  const [prefix = ''] = /^(?:\\[^\w]|[^\\()[\]{}|?*+.$])*/.exec(source) ?? [];
  return prefix.replace(/^\^/, '').replaceAll(/\\(?=\W)/g, '');
}

const COMMON = [
  ' ',
  '\t',
  '\n',
  '\\',
  '\\\\',
  'a',
  'A',
  '0',
  '-',
  '|',
  '[',
  '[\\',
  '!',
  '<',
  '"',
  "'",
  'a ',
  '0,',
  '\r\n',
];

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
}

function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function literalsIn(file: string): RegularExpression[] {
  const code = codeOf(file);
  const found: RegularExpression[] = [];
  new Visitor({
    Literal(node) {
      if (!('regex' in node)) return;
      const line = code.slice(0, node.start).split('\n').length;
      found.push({ at: `${file}:${line}`, source: node.regex.pattern, flags: node.regex.flags });
    },
  }).visit(parseSync(file, code).program);
  return found;
}

function builtIn(file: string): RegularExpression[] {
  return (BUILT[file] ?? []).map(({ source, flags }) => ({ at: file, source, flags }));
}

/** Loads the modules of the packages and records what they build meanwhile. */
async function builtAtLoad(files: readonly string[]): Promise<RegularExpression[]> {
  const found: RegularExpression[] = [];
  const { RegExp: original } = globalThis;
  let at = '';
  globalThis.RegExp = new Proxy(original, {
    construct(target, [pattern, flags]: [string | RegExp, string?]) {
      const built = new target(pattern, flags);
      found.push({ at, source: built.source, flags: built.flags });
      return built;
    },
  });
  try {
    for (at of files.filter((file) => file.startsWith('packages/'))) await import(join(root, at));
  } finally {
    globalThis.RegExp = original;
  }
  // Modules of others are loaded along with the packages.
  const own = new Set(files.filter((file) => codeOf(file).includes('RegExp(')));
  return found.filter((expression) => own.has(expression.at));
}

function callsInFunctions(file: string): number {
  let depth = 0;
  let calls = 0;
  const enter = (): void => {
    depth += 1;
  };
  const leave = (): void => {
    depth -= 1;
  };
  const count = ({ callee }: ESTree.NewExpression | ESTree.CallExpression): void => {
    if (depth > 0 && callee.type === 'Identifier' && callee.name === 'RegExp') calls += 1;
  };
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    NewExpression: count,
    CallExpression: count,
  }).visit(parseSync(file, codeOf(file)).program);
  return calls;
}

/** A search that takes less than this is fast enough, and too short to be measured, in ms. */
const SLOW_MS = 30;
const MOST_LENGTH = 50_000;

/**
 * How much longer a search takes in a string of doubled length: about 2 if it is linear, 4 if it is quadratic. 0 for an
 * expression that is never slow. The string grows until the search is slow, so an exponential search ends as well.
 */
export function growthOn(
  { source, flags }: Pick<RegularExpression, 'source' | 'flags'>,
  { start, piece, end }: { readonly start: string; readonly piece: string; readonly end: string },
): number {
  const expression = new RegExp(source, flags.includes('g') || flags.includes('y') ? flags : `${flags}g`);
  const timeOf = (length: number): number => {
    const text = start + piece.repeat(Math.ceil(length / piece.length)) + end;
    const before = process.cpuUsage();
    expression.lastIndex = 0;
    text.replace(expression, '');
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  let length = 16;
  // Short strings grow slowly: an exponential search would never end in one of doubled length.
  while (length < MOST_LENGTH && timeOf(length) < SLOW_MS) length += length < 64 ? 2 : length;
  if (length >= MOST_LENGTH) return 0;
  // The shortest of a few measurements has the least of the garbage collector in it.
  const least = (size: number): number => Math.min(timeOf(size), timeOf(size), timeOf(size));
  const whole = least(length);
  return whole < SLOW_MS ? 0 : whole / least(length / 2);
}
