/**
 * Checks that what a reader of an answer receives has the declared types, and mutations of JSON that break the shape of a
 * wire. Independent of a test runner: problems are returned as texts.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Where a value is within JSON: property names and indexes. */
export type JsonPath = readonly (string | number)[];

/** Values for a random place of a wire. Each kind of JSON value is there, with members that are easily taken for another. */
export const HOSTILE_VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  ' ',
  '0',
  'null',
  '[object Object]',
  '__proto__',
  'constructor',
  '\uD800',
  'x'.repeat(300),
  [],
  [[]],
  [null],
  [0],
  [''],
  ['a', 'b'],
  [{}],
  [{ type: 'text', text: 'a' }],
  [{ text: {} }],
  [{ a: [1] }],
  {},
  { a: 1 },
  { '': '' },
  { text: 'a' },
  { text: [] },
  { type: {} },
  { name: {}, arguments: [] },
  { length: 3, 0: 'a' },
  { toString: 1, valueOf: 'a', toJSON: {} },
  parsed('{"__proto__":{"polluted":true}}'),
  parsed('{"constructor":{"prototype":{"polluted":true}}}'),
  parsed('{"hasOwnProperty":1,"then":"a"}'),
  nested(200),
];

/** A generator of numbers from 0 up to 1, which gives the same numbers for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The paths of all values, the root included. */
export function pathsOf(json: Json): JsonPath[] {
  const paths: JsonPath[] = [];

  function walk(value: Json, path: JsonPath): void {
    paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) value.forEach((element: Json, index) => walk(element, [...path, index]));
    else for (const [name, member] of Object.entries(value)) walk(member, [...path, name]);
  }

  walk(json, []);
  return paths;
}

/** A copy that has another value at a path. */
export function replaceAt(json: Json, path: JsonPath, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(json)) {
    return json.map((element: Json, index) => (index === step ? replaceAt(element, rest, value) : element));
  }
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json);
  return withEntries(entries.map(([name, member]) => [name, name === step ? replaceAt(member, rest, value) : member]));
}

/** A copy in which the last property of a path has another name. */
export function renameAt(json: Json, path: JsonPath, name: string): Json {
  const [step, ...rest] = path;
  if (step === undefined || typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) {
    return json.map((element: Json, index) => (index === step ? renameAt(element, rest, name) : element));
  }
  return withEntries(
    Object.entries(json).map(([key, member]) => {
      if (key !== step) return [key, member];
      return rest.length === 0 ? [name, member] : [key, renameAt(member, rest, name)];
    }),
  );
}

/** A copy of JSON with a value of another type, another name or no value at a random place. */
export function mutate(json: Json, random: () => number): Json {
  const path = pick(pathsOf(json), random);
  const kind = random();
  if (kind < 0.05) return renameAt(json, path, pick(['__proto__', 'constructor', 'toString', ''], random));
  const value = pick(HOSTILE_VALUES, random);
  // The value in a list, or a list of one without its list.
  const current = valueAt(json, path);
  if (kind < 0.1) return replaceAt(json, path, [current]);
  if (kind < 0.15) return replaceAt(json, path, { value: current });
  if (kind < 0.2 && Array.isArray(current) && current.length > 0) return replaceAt(json, path, current[0] as Json);
  return replaceAt(json, path, value);
}

/** Copies of frames, some of which are broken at a random place. */
export function mutateSome(frames: readonly Json[], random: () => number): Json[] {
  const broken = [...frames];
  const count = 1 + Math.floor(random() * 3);
  for (let done = 0; done < count && broken.length > 0; done += 1) {
    const index = Math.floor(random() * broken.length);
    broken[index] = mutate(broken[index] as Json, random);
  }
  return broken;
}

/** The problems of a `Completion`, or of the `partial` of an error. Empty if it is well formed. */
export function problemsOfCompletion(completion: unknown, isPartial = false): string[] {
  const problems: string[] = [];
  const check = checkerOf(problems, 'completion');
  if (!isPlain(completion)) return ['completion is not an object'];
  const { message, finishReason, usage, toolCalls, sources, text, reasoning } = completion;
  checkMessage(message, problems);
  if (!(isPartial && finishReason === undefined)) {
    check('finishReason', typeof finishReason === 'string' && FINISH_REASONS.has(finishReason), finishReason);
  }
  for (const name of ['id', 'model', 'rawFinishReason'])
    check(name, isOptional(completion[name], isFilled), completion[name]);
  if (usage !== undefined) checkUsage(usage, problems);
  const parts = isPlain(message) && Array.isArray(message['parts']) ? message['parts'].filter(isPlain) : [];
  const textOf = (type: string): string =>
    parts.map((part) => (part['type'] === type ? String(part['text']) : '')).join('');
  check('text', text === textOf('text'), text);
  check('reasoning', reasoning === textOf('reasoning'), reasoning);
  const ofType = (type: string): number => parts.filter((part) => part['type'] === type).length;
  check('toolCalls', Array.isArray(toolCalls) && toolCalls.length === ofType('tool-call'), toolCalls);
  check('sources', Array.isArray(sources) && sources.length === ofType('source'), sources);
  return problems;
}

/** The problems of the events of a run. Empty if they are well formed. */
export function problemsOfEvents(events: readonly unknown[]): string[] {
  const problems: string[] = [];
  events.forEach((event, at) => {
    const check = checkerOf(problems, `events[${at}]`);
    if (!isPlain(event)) return check('', false, event);
    const { type, index, delta } = event;
    check('index', isOptional(index, isOrdinal), index);
    check('providerMetadata', isOptional(event['providerMetadata'], isPlain), event['providerMetadata']);
    switch (type) {
      case 'start':
        for (const name of ['id', 'model']) check(name, isOptional(event[name], isFilled), event[name]);
        return;
      case 'text':
      case 'reasoning':
      case 'refusal':
        return check('delta', typeof delta === 'string', delta);
      case 'tool-call-start':
        for (const name of ['id', 'name']) check(name, isFilled(event[name]), event[name]);
        return check('index', isOrdinal(index), index);
      case 'tool-call-delta':
        check('delta', typeof delta === 'string', delta);
        return check('index', isOrdinal(index), index);
      case 'tool-call':
      case 'tool-approval-request': {
        const call = event['toolCall'];
        if (isPlain(call)) return checkPart({ type: 'tool-call', ...call }, `events[${at}].toolCall`, problems);
        return check('toolCall', false, call);
      }
      case 'source':
      case 'file':
      case 'data':
      case 'tool-result': {
        const { index: _, transient: __, ...part } = event;
        return checkPart(part, `events[${at}]`, problems);
      }
      case 'metadata':
        return check('metadata', isPlain(event['metadata']), event['metadata']);
      case 'usage':
        return checkUsage(event['usage'], problems);
      case 'finish':
        check('reason', typeof event['reason'] === 'string' && FINISH_REASONS.has(event['reason']), event['reason']);
        return check('raw', isOptional(event['raw'], isFilled), event['raw']);
      case 'step':
        return;
      default:
        check('type', false, type);
    }
  });
  return problems;
}

/** Names that something has added to the prototype of all objects. */
export function pollution(): string[] {
  const names: string[] = [];
  for (const name in {}) names.push(name);
  for (const name of ['polluted', 'a', 'text', 'type']) if (name in {}) names.push(name);
  return names;
}

type Guard = (value: unknown) => boolean;

/** The fields of each type of part. A name with `?` may be absent or `undefined`. */
const PARTS: ReadonlyMap<unknown, Readonly<Record<string, Guard>>> = new Map<unknown, Readonly<Record<string, Guard>>>([
  ['text', { text: isString }],
  ['reasoning', { text: isString }],
  ['refusal', { text: isString }],
  [
    'tool-call',
    {
      id: isFilled,
      name: isFilled,
      rawInput: isString,
      'input?': isJson,
      'error?': isCallError,
      'approval?': isApproval,
    },
  ],
  [
    'tool-result',
    { toolCallId: isFilled, 'name?': isFilled, 'output?': isJson, 'isError?': isFlag, 'preliminary?': isFlag },
  ],
  ['source', { 'id?': isFilled, 'url?': isFilled, 'title?': isString, 'mediaType?': isString, 'filename?': isString }],
  ['file', { mediaType: isFilled, 'url?': isFilled, 'data?': isString, 'filename?': isString }],
  ['data', { name: isFilled, 'id?': isFilled, 'data?': isJson }],
]);

const FINISH_REASONS: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'other',
]);

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const;

function checkMessage(message: unknown, problems: string[]): void {
  const check = checkerOf(problems, 'message');
  if (!isPlain(message)) return check('', false, message);
  const { id, role, parts, metadata } = message;
  check('id', isFilled(id), id);
  check('role', role === 'assistant', role);
  check(
    'metadata',
    isOptional(metadata, (value) => isPlain(value) && isJson(value)),
    metadata,
  );
  if (!Array.isArray(parts)) return check('parts', false, parts);
  // A hole is not visited by `forEach`.
  for (let at = 0; at < parts.length; at += 1) checkPart(parts[at], `parts[${at}]`, problems);
}

function checkPart(part: unknown, path: string, problems: string[]): void {
  const check = checkerOf(problems, path);
  if (!isPlain(part)) return check('', false, part);
  const { type, providerMetadata, ...fields } = part;
  check(
    'providerMetadata',
    isOptional(providerMetadata, (value) => isPlain(value) && isJson(value)),
    providerMetadata,
  );
  const guards = PARTS.get(type);
  if (!guards) return check('type', false, type);
  for (const [key, guard] of Object.entries(guards)) {
    const name = key.replace('?', '');
    const value = fields[name];
    check(name, key.endsWith('?') ? isOptional(value, guard) : guard(value), value);
  }
  for (const name of Object.keys(fields)) {
    check(name, Object.hasOwn(guards, name) || Object.hasOwn(guards, `${name}?`), fields[name]);
  }
  if (type === 'file') check('url', fields['url'] !== undefined || fields['data'] !== undefined, undefined);
}

function checkUsage(usage: unknown, problems: string[]): void {
  const check = checkerOf(problems, 'usage');
  if (!isPlain(usage)) return check('', false, usage);
  for (const name of COUNTS) check(name, isOptional(usage[name], isCount), usage[name]);
  check('raw', isPlain(usage['raw']) && isJson(usage['raw']), usage['raw']);
}

function checkerOf(problems: string[], path: string): (name: string, isRight: boolean, value: unknown) => void {
  return (name, isRight, value) => {
    if (!isRight) problems.push(`${path}${name && `.${name}`} is ${described(value)}`);
  };
}

function described(value: unknown): string {
  return `${typeof value} ${JSON.stringify(value)?.slice(0, 80) ?? ''}`;
}

function isOptional(value: unknown, guard: Guard): boolean {
  return value === undefined || guard(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isOrdinal(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An object whose prototype is that of all objects, or which has none. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value could have come from `JSON.parse`, apart from members that are `undefined`. */
function isJson(value: unknown): boolean {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return true;
  if (typeof value === 'number') return !Number.isNaN(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isPlain(value) && Object.values(value).every(isJson);
}

function isCallError(value: unknown): boolean {
  return value instanceof Error && 'code' in value && (value.code === 'parse' || value.code === 'validation');
}

function isApproval(value: unknown): boolean {
  return (
    isPlain(value) &&
    isFilled(value['id']) &&
    isOptional(value['approved'], isFlag) &&
    isOptional(value['reason'], isString)
  );
}

function valueAt(json: Json, path: JsonPath): Json {
  let value: unknown = json;
  for (const step of path) value = Object.getOwnPropertyDescriptor(value, step)?.value;
  return value as Json;
}

function withEntries(entries: readonly (readonly [string, Json])[]): Json {
  const object: Record<string, Json> = {};
  for (const [name, value] of entries) {
    // An assignment to `__proto__` would set the prototype.
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  }
  return object;
}

function parsed(text: string): Json {
  return JSON.parse(text) as Json;
}

function nested(depth: number): Json {
  let value: Json = [];
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}
