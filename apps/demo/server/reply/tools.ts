import { composeValue } from './json/value.ts';
import { wordsOf } from './json/facts.ts';
import { currentTurns, lastPrompt, type JsonSchema, type Question, type Tool, type Turn } from './question.ts';
import { capitalize, paragraphs } from './text.ts';

export interface ComposedCall {
  name: string;
  input: unknown;
}

/** Cities that people ask the time of, and their zones. */
const ZONES: Readonly<Record<string, string>> = {
  Tokyo: 'Asia/Tokyo',
  London: 'Europe/London',
  Paris: 'Europe/Paris',
  Berlin: 'Europe/Berlin',
  Lisbon: 'Europe/Lisbon',
  Madrid: 'Europe/Madrid',
  Rome: 'Europe/Rome',
  Vienna: 'Europe/Vienna',
  Zurich: 'Europe/Zurich',
  Kyiv: 'Europe/Kyiv',
  'New York': 'America/New_York',
  Chicago: 'America/Chicago',
  'Los Angeles': 'America/Los_Angeles',
  'San Francisco': 'America/Los_Angeles',
  'São Paulo': 'America/Sao_Paulo',
  Sydney: 'Australia/Sydney',
  Auckland: 'Pacific/Auckland',
  Delhi: 'Asia/Kolkata',
  Mumbai: 'Asia/Kolkata',
  Beijing: 'Asia/Shanghai',
  Shanghai: 'Asia/Shanghai',
  Singapore: 'Asia/Singapore',
  Dubai: 'Asia/Dubai',
  Cairo: 'Africa/Cairo',
  Nairobi: 'Africa/Nairobi',
  Lagos: 'Africa/Lagos',
  Istanbul: 'Europe/Istanbul',
  UTC: 'UTC',
};
const OPERATORS: readonly (readonly [RegExp, string])[] = [
  [/\s*(?:\btimes\b|\bmultiplied by\b|×|(?<=\d\s?)x(?=\s?\d))\s*/gi, ' * '],
  [/\s*(?:\bdivided by\b|\bover\b|÷)\s*/gi, ' / '],
  [/\s*\bplus\b\s*/gi, ' + '],
  [/\s*\bminus\b\s*/gi, ' - '],
  [/(?<!\d)(\d{1,15}(?:\.\d{1,15})?)\s?(?:%|percent) of (\d{1,15}(?:\.\d{1,15})?)/gi, '$1 / 100 * $2'],
];
const EXPRESSION =
  /(?<!\d)\({0,9}-?\d{1,15}(?:\.\d{1,15})?\){0,9}(?: ?[-+*/^] ?\({0,9}-?\d{1,15}(?:\.\d{1,15})?\){0,9})+/g;
/** No more of a prompt is searched, in characters. */
const MAX_READ = 4000;
/** Words of a tool's name that say nothing of what it is for. */
const VAGUE = new Set('get set do run make fetch tool the a an of for to with show use call current user'.split(' '));

/** The tools that the prompt asks for, with arguments that hold to their schemas; none when they were called already. */
export function composeCalls(question: Question): ComposedCall[] {
  const { tools, toolChoice } = question;
  if (tools.length === 0 || toolChoice === 'none') return [];
  const prompt = lastPrompt(question);
  const results = currentTurns(question).filter((turn) => turn.role === 'tool');
  if (results.length > 0 && !asksForever(prompt) && !isToRepair(results)) return [];

  if (typeof toolChoice === 'object') {
    const forced = tools.find(({ name }) => name === toolChoice.name);
    return forced ? [callOf(forced, prompt)] : [];
  }
  const [first] = tools;
  const calls = tools.flatMap((tool) => callsOf(tool, prompt));
  if (calls.length === 0 && toolChoice === 'required' && first && results.length === 0) return [callOf(first, prompt)];
  return calls;
}

/** For looking at what stops a loop of tools. */
function asksForever(prompt: string): boolean {
  return /\b(again and again|forever|in a loop|never stop)\b/i.test(prompt);
}

/** Once: arguments that could not be read or did not fit are written again. */
function isToRepair(results: readonly Extract<Turn, { role: 'tool' }>[]): boolean {
  const last = results.at(-1);
  return results.length === 1 && !!last && ARGUMENTS_ERROR.test(last.output) && !DENIED.test(last.output);
}

const ARGUMENTS_ERROR = /\b(json|arguments?|schema|invalid input|does not fit|expected|not valid)\b/i;
const DENIED =
  /\b(denied|declined|rejected|not allowed|refused|disallowed|cancell?ed|did not (allow|confirm|approve))\b/i;

function callsOf(tool: Tool, prompt: string): ComposedCall[] {
  const { name } = tool;
  const kind = kindOf(name);
  if (kind === 'clock') {
    if (!/\b(time|clock|o'clock|hour|what day|today|date)\b/i.test(prompt)) return [];
    if (
      /\btime\b/i.test(prompt) &&
      /\b(take your time|first time|next time|at a time|real time|time series)\b/i.test(prompt)
    )
      return [];
    const places = Object.keys(ZONES).filter((place) => new RegExp(`\\b${place}\\b`, 'i').test(prompt));
    return (places.length > 0 ? places : ['']).map((place) => callOf(tool, prompt, { place }));
  }
  if (kind === 'calculator') {
    return expressionsIn(prompt).map((expression) => callOf(tool, prompt, { expression }));
  }
  const words = wordsOf(name).filter((word) => !VAGUE.has(word));
  const said = words.filter((word) =>
    new RegExp(`\\b${word.replace(/[^\p{L}\p{N}]/gu, '').replace(/(e|s)$/, '')}`, 'iu').test(prompt),
  );
  const isAsked =
    words.length > 0 && said.length >= Math.ceil(words.length / 2) && (words.length < 3 || said.length > 1);
  return isAsked ? [callOf(tool, prompt)] : [];
}

function kindOf(name: string): 'clock' | 'calculator' | undefined {
  const words = wordsOf(name).join(' ');
  if (/\b(clock|time|date)\b/.test(words) && !/timer|sheet|table|book/.test(words)) return 'clock';
  return /\b(calc\w*|math\w*|arithmetic|evaluate|compute)\b/.test(words) ? 'calculator' : undefined;
}

function expressionsIn(prompt: string): string[] {
  const start = prompt
    .replace(/\s+/g, ' ')
    .slice(0, MAX_READ)
    .replace(/(\d),(?=\d{3}\b)/g, '$1');
  const text = OPERATORS.reduce((written, [pattern, sign]) => written.replace(pattern, sign), start);
  // A date is no difference.
  const isDate = (expression: string): boolean => /^\d{4}-\d\d-\d\d$/.test(expression);
  return [...text.matchAll(EXPRESSION)].map(([expression]) => balance(expression.trim())).filter((one) => !isDate(one));
}

function balance(expression: string): string {
  const opened = expression.split('(').length;
  const closed = expression.split(')').length;
  if (opened > closed) return expression + ')'.repeat(opened - closed);
  return '('.repeat(closed - opened) + expression;
}

interface Known {
  place?: string | undefined;
  expression?: string | undefined;
}

function callOf({ name, schema }: Tool, prompt: string, known: Known = {}): ComposedCall {
  const kind = kindOf(name);
  const [expression = known.expression] = kind === 'calculator' && !known.expression ? expressionsIn(prompt) : [];
  const { place } = known;
  const value = composeValue(schema, prompt);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { name, input: value };
  const input: Record<string, unknown> = { ...value };
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const numbers = expression?.match(/\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  for (const [property, its] of Object.entries(properties)) {
    const told = knownFor(wordsOf(property).join(' '), { place, expression, prompt });
    const types = [its['type']].flat();
    if (told !== undefined && types.includes('string') && fitsText(its, told)) input[property] = told;
    else if (
      kind === 'calculator' &&
      (types.includes('number') || types.includes('integer')) &&
      its['minimum'] === undefined &&
      its['maximum'] === undefined
    ) {
      const number = numbers.shift();
      if (number !== undefined && (Number.isInteger(number) || types.includes('number'))) input[property] = number;
    }
    const operator = expression && /[-+*/^]/.exec(expression.replace(/^\(*-/, ''))?.[0];
    const options = its['enum'];
    if (operator && Array.isArray(options)) {
      const word = { '+': /^(\+|add|plus|sum)/, '-': /^(-|sub|minus)/, '*': /^(\*|×|mul|times)/, '/': /^(\/|÷|div)/ }[
        operator
      ];
      const option = options.find((one) => typeof one === 'string' && word?.test(one));
      if (option !== undefined) input[property] = option;
    }
  }
  return { name, input };
}

function fitsText(schema: JsonSchema, text: string): boolean {
  const options = schema['enum'];
  if (Array.isArray(options)) return options.includes(text);
  const { maxLength, minLength, format, pattern, const: constant } = schema as Readonly<Record<string, number>>;
  return (
    !format &&
    !pattern &&
    constant === undefined &&
    text.length <= (maxLength ?? Infinity) &&
    text.length >= (minLength ?? 0)
  );
}

/** What the prompt says for a property of a tool, where more is known of it than its name. */
function knownFor(name: string, { place, expression, prompt }: Known & { prompt: string }): string | undefined {
  if (/zone|^tz$/.test(name)) return ZONES[place ?? ''] ?? ZONES[placeIn(prompt)] ?? 'UTC';
  if (/city|place|location/.test(name)) return place ?? (placeIn(prompt) || undefined);
  if (/expression|formula|calculation|^input$|^query$/.test(name)) return expression;
  if (/^(to|recipient|email|address)/.test(name)) {
    return (
      /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/.exec(prompt)?.[0] ??
      /\b(?:to|email|mail|tell|write)\s+(\p{Lu}[\p{L}’'-]*(?:\s\p{Lu}[\p{L}’'-]*)?)/u.exec(prompt)?.[1]
    );
  }
  const said =
    /\b(?:saying|says?|that says|with the (?:text|message|words)|body)\s*:?\s*["“']?([^"”\n]{2,300}?)["”']?\s*$/i.exec(
      prompt,
    )?.[1];
  const about =
    /\b(?:about|subject|regarding|titled)\s*:?\s*["“']?([^"”.\n?]{2,80}?)["”']?(?=,?\s+(?:saying|that says)|[."”?\n]|$)/i.exec(
      prompt,
    )?.[1];
  if (/subject|title/.test(name)) return capitalize(about ?? said?.split(/[.,!?]/)[0] ?? 'Hello');
  if (/body|message|text|content/.test(name)) return said ?? (about && `I am writing about ${about}.`);
  if (/question|prompt|action|what|reason/.test(name)) return prompt.split('\n')[0]?.slice(0, 200);
  return undefined;
}

function placeIn(prompt: string): string {
  return Object.keys(ZONES).find((place) => new RegExp(`\\b${place}\\b`, 'i').test(prompt)) ?? '';
}

/** What to say when the tools have answered. `undefined` when none was called. */
export function composeFromResults(question: Question): string | undefined {
  const turns = currentTurns(question);
  const inputs = new Map(
    turns.flatMap((turn) => (turn.role === 'assistant' ? turn.calls.map((call) => [call.id, call] as const) : [])),
  );
  const results = turns.filter((turn) => turn.role === 'tool');
  if (results.length === 0) return undefined;
  const calls = turns.flatMap((turn) => (turn.role === 'assistant' ? turn.calls : []));
  const sentences = results.map((result, index) => {
    // Ollama's calls have no ids of their own in every history: then their order says which is meant.
    const byOrder = calls.length === results.length ? calls[index] : undefined;
    const call = byOrder?.name === result.name ? byOrder : (inputs.get(result.callId) ?? byOrder);
    return sentenceOf(result, call?.name ?? result.name, call?.input);
  });
  return sentences.length > 1 && sentences.every((one) => one.length < 120)
    ? sentences.join(' ')
    : paragraphs(...new Set(sentences));
}

function sentenceOf({ output, isError }: Extract<Turn, { role: 'tool' }>, name: string, input: unknown): string {
  const { text, failed } = readOutput(output);
  const tool = `\`${name || 'the tool'}\``;
  if (DENIED.test(text) && text.length < 300) return `You did not allow ${tool}, so nothing was done.`;
  // Some formats cannot say that a tool failed.
  const isNoNumber = kindOf(name) === 'calculator' && !/\d/.test(text);
  if (isError || failed || isNoNumber)
    return `${capitalize(tool)} failed: ${endSentence(text)} I have no answer from it, and will not make one up.`;
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const kind = kindOf(name);
  if (kind === 'clock') {
    const zone = Object.entries(fields).find(
      ([key, value]) => /zone|tz|city|place|location/i.test(key) && typeof value === 'string',
    )?.[1] as string | undefined;
    const place = zone?.split('/').at(-1)?.replace(/_/g, ' ');
    return `${place ? `In ${place} it is` : 'It is'} ${endSentence(`**${text}**`)}`;
  }
  if (kind === 'calculator') {
    const expression = Object.values(fields).find((value) => typeof value === 'string' && /\d/.test(value)) as
      | string
      | undefined;
    return expression ? `${expression.replace(/\*/g, '×')} = **${text}**.` : `The result is **${text}**.`;
  }
  return text ? `${capitalize(tool)} answered: ${endSentence(text)}` : `${capitalize(tool)} is done.`;
}

/** A result as words: of an object its values, with their names where there are several. */
function readOutput(output: string): { text: string; failed: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return { text: output.trim(), failed: /^error\b/i.test(output.trim()) };
  }
  if (typeof value !== 'object' || value === null) return { text: String(value), failed: false };
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  const failure = entries.find(([key]) => /^error$/i.test(key));
  if (failure) return { text: plain(failure[1]), failed: true };
  const main =
    entries.find(([key]) => /^(result|output|value|answer|time|now)$/i.test(key)) ??
    (entries.length === 1 ? entries[0] : undefined);
  if (main) return { text: plain(main[1]), failed: false };
  return { text: entries.map(([key, one]) => `${wordsOf(key).join(' ')} ${plain(one)}`).join(', '), failed: false };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function endSentence(text: string): string {
  return /[.!?]\*{0,2}$/.test(text) ? text : `${text}.`;
}
