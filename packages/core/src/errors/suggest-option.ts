import type { Fields } from './check-options.ts';

/**
 * Names in other libraries and wires, in lower case without separators, of options that have another name here:
 * `maxTokens` for `maxoutputtokens`.
 */
const ALIASES: readonly (readonly [names: RegExp, option: string])[] = [
  [/^(?:max.*tokens|numpredict)$/, 'maxTokens'],
  [/^(?:system.+|instructions)$/, 'system'],
  [/^stop.+$/, 'stop'],
  [/^(?:parameters|schema)$/, 'inputSchema'],
  [/^reasoningeffort$/, 'reasoning.effort'],
  [/^(?:retries|maxattempts)$/, 'retry.maxRetries'],
  [/^(?:timeoutms|total)$/, 'timeout.totalMs'],
  [/^(?:url|endpoint|api)$/, 'baseURL'],
  [/^(?:token|key)$/, 'apiKey'],
  [/^abortsignal$/, 'signal'],
];

/** Options of a provider. */
const OF_PROVIDER = /^(?:apikey|baseurl|api|headers|credentials|body|dangerouslyallowbrowser|organization|project)$/;

/** Options of a call, the second argument. */
const OF_CALL = /^(?:signal|abortsignal|retry|timeout|headers)$/;

/** Fields of one wire or another. */
const OF_WIRE =
  /^(?:topp|topk|minp|seed|n|user|store|(?:frequency|presence|repetition)penalty|logitbias|(?:top)?logprobs|responseformat|paralleltoolcalls|servicetier|verbosity|modalities|safetysettings|generationconfig|streamoptions)$/;

/** Options that nobody should write: internal ones, and those of messages, which are data. */
const HIDDEN = /^messages\.|^objectFormat$|\*$/;

/** Words for the option that was probably meant, or '' if none is similar. */
export function suggestOption(name: string, path: string, fields: Fields): string {
  const plain = plainName(name);
  const isNested = path !== name;
  const paths = pathsOf(fields).filter((each) => !HIDDEN.test(each));
  const alias = ALIASES.find(([names]) => names.test(plain))?.[1];
  const meant =
    paths.find((each) => plainName(leafOf(each)) === plain) ??
    paths.find((each) => each === alias || (isNested && leafOf(each) === alias));
  if (meant && meant !== path) return `did you mean ${meant}?`;
  const place = isNested ? '' : placeOf(name, plain, Object.hasOwn(fields, 'prompt'));
  if (place) return place;
  const similar = similarPath(plain, paths);
  return similar ? `did you mean ${similar}?` : '';
}

/** Where an option belongs that is one of something else. */
function placeOf(name: string, plain: string, isRequest: boolean): string {
  if (isRequest && plain === 'schema') return 'use completeObject or streamObject for an object';
  if (isRequest && OF_CALL.test(plain)) return 'it is an option of the call, the second argument';
  if (OF_PROVIDER.test(plain)) return `it is an option of the provider: openai({ ${name} })`;
  if (!OF_WIRE.test(plain)) return '';
  return isRequest
    ? `write providerOptions: { openai: { ${name} } }, with the name of the provider`
    : `write it into the body of the provider: openai({ body: { ${name} } })`;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function leafOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** All options, the nested ones behind those of their object. */
function pathsOf(fields: Fields, prefix = ''): string[] {
  const entries = Object.entries(fields);
  const nested = entries.flatMap(([name, rule]) =>
    typeof rule === 'string' ? [] : pathsOf(rule[1], `${prefix}${name}.`),
  );
  return [...entries.map(([name]) => prefix + name), ...nested];
}

/** The path whose last name differs least, if it differs by few letters. */
function similarPath(plain: string, paths: readonly string[]): string | undefined {
  let nearest: string | undefined;
  const most = plain.length < 5 ? 1 : plain.length < 9 ? 2 : 3;
  let least = most + 1;
  for (const path of paths) {
    const distance = editDistance(plain, plainName(leafOf(path)));
    if (distance < least) [nearest, least] = [path, distance];
  }
  return nearest;
}

/** How many letters are to be added, removed or replaced. https://en.wikipedia.org/wiki/Levenshtein_distance */
function editDistance(from: string, to: string): number {
  // The names of options are short; a name that is not would cost the square.
  if (Math.abs(from.length - to.length) > 3) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
