import type { Entry } from './entries.ts';
import { readFacts, type Facts } from './facts.ts';
import { sampleFor } from './samples.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Made {
  value: unknown;
  /** Whether the prompt said it. */
  isFound: boolean;
}

/** Where to stop following a schema that holds itself. */
const MAX_DEPTH = 12;
const SHALLOW = 5;

/**
 * A value that holds to a schema, with what the prompt says about each property where a small reader finds it. Known are
 * types, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `anyOf`, `oneOf`,
 * `allOf`, `$ref`, the bounds of numbers, texts and lists, and common formats. The same prompt gives the same value.
 */
export function composeValue(root: JsonSchema, prompt: string): unknown {
  const text = sampleFor(prompt, JSON.stringify(root)) ?? prompt;
  return make(root, root, '', readFacts(text), 0).value;
}

function make(root: JsonSchema, given: unknown, name: string, facts: Facts, depth: number): Made {
  const schema = settle(root, given, depth);
  if ('const' in schema) return { value: schema['const'], isFound: false };
  const options = schema['enum'] as unknown[] | undefined;
  if (options) return pick(options, name, facts);
  const branches = (schema['anyOf'] ?? schema['oneOf']) as unknown[] | undefined;
  if (branches) return choose(root, schema, branches, name, facts, depth);

  const types = [schema['type'] ?? guessType(schema)].flat() as string[];
  const solid = types.filter((type) => type !== 'null');
  const canBeNull = solid.length < types.length;
  if (canBeNull && (solid.length === 0 || depth > SHALLOW + 2)) return { value: null, isFound: false };
  const made = solid.map((type) => makeTyped(root, schema, type, name, facts, depth));
  const found = made.find(({ isFound }) => isFound);
  if (found) return found;
  return canBeNull ? { value: null, isFound: false } : (made[0] ?? { value: null, isFound: false });
}

function makeTyped(
  root: JsonSchema,
  schema: JsonSchema,
  type: string,
  name: string,
  facts: Facts,
  depth: number,
): Made {
  switch (type) {
    case 'object':
      return makeObject(root, schema, facts, depth);
    case 'array':
      return makeArray(root, schema, name, facts, depth);
    case 'integer':
    case 'number':
      return makeNumber(schema, type === 'integer', facts.number(name) ?? loneNumber(name, facts));
    case 'boolean': {
      const found = facts.boolean(name);
      return { value: found ?? false, isFound: found !== undefined };
    }
    case 'null':
      return { value: null, isFound: false };
    default:
      return makeString(schema, name, facts);
  }
}

/** For a number that has no name of its own, such as an element of a list. */
function loneNumber(name: string, facts: Facts): number | undefined {
  return facts.entry && !name ? facts.entry.quantity : undefined;
}

function makeObject(root: JsonSchema, schema: JsonSchema, facts: Facts, depth: number): Made {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  const required = new Set((schema['required'] ?? []) as string[]);
  const entries: [string, unknown][] = [];
  let isFound = false;
  for (const [name, property] of Object.entries(properties)) {
    if (!required.has(name) && depth > SHALLOW) continue;
    const made = make(root, property, name, facts, depth + 1);
    isFound ||= made.isFound;
    if (required.has(name) || made.isFound) entries.push([name, made.value]);
  }
  const more = schema['additionalProperties'];
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) entries.push([name, make(root, more ?? {}, name, facts, depth + 1).value]);
  }
  if (Object.keys(properties).length === 0 && more !== false && depth <= SHALLOW) {
    // A record: what stands as “name: value” in the text.
    const names = [...facts.text.matchAll(/^[\s*-]*(\p{L}[\p{L}\p{N} _-]{0,30}):\s*\S/gmu)].map(([, label = '']) =>
      label.trim(),
    );
    for (const label of new Set(names)) {
      const made = make(root, more ?? { type: 'string' }, label, facts, depth + 1);
      if (made.isFound && !required.has(label)) {
        entries.push([label, made.value]);
        isFound = true;
      }
    }
  }
  // `fromEntries` makes a property of `__proto__`, where an assignment would set the prototype.
  return { value: Object.fromEntries(entries), isFound };
}

function makeArray(root: JsonSchema, schema: JsonSchema, name: string, facts: Facts, depth: number): Made {
  const tuple = schema['prefixItems'] as unknown[] | undefined;
  const places = tuple?.map((place) => make(root, place, name, facts, depth + 1)) ?? [];
  const min = Number(schema['minItems'] ?? 0);
  const max = Number(schema['maxItems'] ?? Infinity);
  const { items } = schema;
  const values = places.map(({ value }) => value).slice(0, max);
  const found = depth > SHALLOW || items === false || (tuple && items === undefined) ? [] : facts.list(name);
  const parts: (Entry | undefined)[] = found.slice(0, Math.max(0, Math.min(max, MAX_ITEMS) - values.length));
  while (values.length + parts.length < min) parts.push(found[parts.length % Math.max(1, found.length)]);
  for (const entry of parts) {
    const part = entry ? readFacts(entry.text, entry) : facts;
    values.push(make(root, items ?? {}, '', part, depth + 1).value);
  }
  const isFound = found.length > 0 || places.some((place) => place.isFound);
  if (schema['uniqueItems'] !== true) return { value: values, isFound };
  const unique = new Map(values.map((value) => [JSON.stringify(value), value]));
  return { value: [...unique.values()], isFound };
}

const MAX_ITEMS = 40;

function makeNumber(schema: JsonSchema, isInteger: boolean, found: number | undefined): Made {
  const step = schema['multipleOf'] as number | undefined;
  const exclusiveMin = schema['exclusiveMinimum'] as number | undefined;
  const exclusiveMax = schema['exclusiveMaximum'] as number | undefined;
  const min = Math.max((schema['minimum'] as number | undefined) ?? -Infinity, exclusiveMin ?? -Infinity);
  const max = Math.min((schema['maximum'] as number | undefined) ?? Infinity, exclusiveMax ?? Infinity);
  const isInside = (value: number): boolean =>
    value >= min && value <= max && value !== exclusiveMin && value !== exclusiveMax;

  const grid = step ?? (isInteger ? 1 : undefined);
  const fit = (value: number): number => (grid === undefined ? value : Math.round(value / grid) * grid);
  const near = Math.min(Math.max(found ?? 0, min), max);
  const tries = [fit(near)];
  if (grid !== undefined)
    tries.push(Math.ceil(near / grid) * grid, Math.floor(near / grid) * grid, fit(near) + grid, fit(near) - grid);
  else if (Number.isFinite(min) && Number.isFinite(max)) tries.push((min + max) / 2);
  else tries.push(near + 1, near - 1);
  const value = tries.find((one) => isInside(one) && (!isInteger || Number.isInteger(one))) ?? near;
  return { value: Object.is(value, -0) ? 0 : value, isFound: found !== undefined };
}

function makeString(schema: JsonSchema, name: string, facts: Facts): Made {
  const format = schema['format'];
  const made = typeof format === 'string' ? formatted(format, name, facts) : undefined;
  if (made) return made;
  const max = (schema['maxLength'] as number | undefined) ?? Infinity;
  const min = (schema['minLength'] as number | undefined) ?? 0;
  const pattern = typeof schema['pattern'] === 'string' ? schema['pattern'] : undefined;
  const found = facts.string(name);
  const said = (found ?? (pattern ? matching(pattern, facts.text) : undefined)) || facts.words(name);
  const characters = Array.from(said);
  while (characters.length < min) characters.push(...Array.from(said.padStart(1, ' ')));
  return {
    value: characters.slice(0, Math.max(min, Math.min(max, characters.length))).join(''),
    isFound: found !== undefined,
  };
}

function matching(pattern: string, text: string): string | undefined {
  try {
    const whole = new RegExp(pattern, 'u');
    return text
      .slice(0, 4000)
      .split(/[\s,;]+/)
      .find((word) => whole.test(word));
  } catch {
    return undefined;
  }
}

function formatted(format: string, name: string, facts: Facts): Made | undefined {
  const of = (found: string | undefined, fallback: string): Made => ({
    value: found ?? fallback,
    isFound: found !== undefined,
  });
  switch (format) {
    case 'date':
      return of(facts.date(name), '2026-01-01');
    case 'date-time': {
      const date = facts.date(name);
      return of(date && `${date}T${facts.time() ?? '00:00'}:00Z`, '2026-01-01T00:00:00Z');
    }
    case 'time':
      return of(facts.time() && `${facts.time()}:00`, '12:00:00');
    case 'duration': {
      const minutes = facts.number(`${name} minutes`);
      return of(minutes === undefined ? undefined : `PT${Math.round(minutes)}M`, 'PT30M');
    }
    case 'email':
    case 'idn-email':
      return of(facts.email(), 'someone@example.org');
    case 'uri':
    case 'url':
    case 'iri':
      return of(facts.url(), 'https://example.org/');
    case 'hostname':
      return of(undefined, 'example.org');
    case 'ipv4':
      return of(/\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|\b)){4}\b/.exec(facts.text)?.[0], '192.0.2.1');
    case 'ipv6':
      return of(undefined, '2001:db8::1');
    case 'uuid':
      return of(undefined, '3f2b8c1e-5d4a-4b6f-9a7c-1e2d3c4b5a69');
    default:
      return undefined;
  }
}

function pick(options: readonly unknown[], name: string, facts: Facts): Made {
  const words = options.filter((option) => typeof option === 'string');
  const found = facts.option(name, words);
  if (found !== undefined) return { value: found, isFound: true };
  const number = options.some((option) => typeof option === 'number') ? facts.number(name) : undefined;
  if (number !== undefined && options.includes(number)) return { value: number, isFound: true };
  return { value: options.includes(null) ? null : options[0], isFound: false };
}

/** Of several ways the first that the prompt has something for; else `null`; else the simplest. */
function choose(
  root: JsonSchema,
  outer: JsonSchema,
  branches: readonly unknown[],
  name: string,
  facts: Facts,
  depth: number,
): Made {
  const { anyOf: _, oneOf: __, ...shared } = outer;
  const settled = branches
    .map((branch) => settle(root, { allOf: [branch, shared] }, depth))
    .toSorted((one, other) => (depth > SHALLOW ? weight(one) - weight(other) : 0));
  if (depth > MAX_DEPTH) return make(root, settled[0], name, facts, depth + 1);
  const best = bestBranch(settled, facts);
  const order = best ? [best, ...settled.filter((branch) => branch !== best)] : settled;
  let first: Made | undefined;
  for (const branch of order) {
    if (branch['type'] === 'null') continue;
    if (first && depth > SHALLOW) break;
    const made = make(root, branch, name, facts, depth + 1);
    if (made.isFound || branch === best) return made;
    first ??= made;
  }
  const canBeNull = settled.some((branch) => branch['type'] === 'null' || branch['const'] === null);
  return canBeNull ? { value: null, isFound: false } : (first ?? { value: null, isFound: false });
}

/** Branches that a constant tells apart: the one whose constant the prompt mentions. */
function bestBranch(branches: readonly JsonSchema[], facts: Facts): JsonSchema | undefined {
  const kinds = branches.flatMap((branch) =>
    Object.values((branch['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>).flatMap((property) => {
      const constant =
        property['const'] ??
        ((property['enum'] as unknown[] | undefined)?.length === 1 ? (property['enum'] as unknown[])[0] : undefined);
      return typeof constant === 'string' ? [{ constant, branch }] : [];
    }),
  );
  const said = facts.option(
    '',
    kinds.map(({ constant }) => constant),
  );
  return kinds.find(({ constant }) => constant === said)?.branch;
}

function weight(schema: JsonSchema): number {
  if (schema['type'] === 'null') return 0;
  if (schema['type'] === 'object' || schema['properties']) return 3;
  return schema['type'] === 'array' ? 2 : 1;
}

/** Follows `$ref`, and puts what `allOf` says into one. */
function settle(root: JsonSchema, given: unknown, depth: number): JsonSchema {
  if (typeof given !== 'object' || given === null) return {};
  const { $ref, allOf, ...own } = given as JsonSchema;
  const parts = [...(typeof $ref === 'string' ? [resolve(root, $ref)] : []), ...((allOf ?? []) as unknown[])];
  return parts.reduce<JsonSchema>((into, part) => join(into, depth > 200 ? {} : settle(root, part, depth + 1)), own);
}

function join(one: JsonSchema, other: JsonSchema): JsonSchema {
  const required = [...new Set([...((one['required'] ?? []) as string[]), ...((other['required'] ?? []) as string[])])];
  const properties = { ...(one['properties'] as object | undefined), ...(other['properties'] as object | undefined) };
  return {
    ...other,
    ...one,
    ...(required.length > 0 && { required }),
    ...((one['properties'] ?? other['properties']) !== undefined && { properties }),
  };
}

function resolve(root: JsonSchema, ref: string): unknown {
  return ref
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<unknown>(
      (at, key) => (at as JsonSchema | undefined)?.[decodeURIComponent(key).replace(/~1/g, '/').replace(/~0/g, '~')],
      root,
    );
}

function guessType(schema: JsonSchema): string {
  if (schema['properties'] ?? schema['additionalProperties'] ?? schema['required']) return 'object';
  if (schema['items'] ?? schema['prefixItems']) return 'array';
  return schema['minimum'] === undefined && schema['maximum'] === undefined ? 'string' : 'number';
}
