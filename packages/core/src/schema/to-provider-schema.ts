import { LLMError } from '../errors/error.ts';
import {
  allowsNull,
  hasType,
  mapValues,
  normal,
  resolve,
  type JsonSchema,
  type JsonSchemaDraft,
} from './json-schema.ts';

/**
 * In whose words a request asks for JSON of a schema. `backend`: in none, because the code of the backend asks its model
 * itself; nothing is added to the request.
 */
export type JsonDialect = 'openai' | 'openai-responses' | 'anthropic' | 'gemini' | 'ollama' | 'backend';

/**
 * How strictly a provider reads a schema. Unless `open`, objects name all their properties and values their type; if
 * `flat`, no value contains itself; if `full`, all properties are required, so what may be absent is `null`.
 */
export type Strictness = 'open' | 'flat' | 'full';

/** What every provider takes as it is. */
const PLAIN = /^(type|enum|title|required)$/;

/** What is known without being said: ids, that names are strings, the bounds of an integer in JavaScript. */
const NOISE = /^(\$.*|id)=|^propertyNames={"type":"string"}|=-?9007199254740991$/;

/** References elsewhere are written out: providers know none of them. */
const DEFINITION = /^#(?:$|\/\$defs\/[^/]+$)/;

/** How many schemas one may have when its references are written out: definitions that refer to each other multiply. */
const MAX_SCHEMAS = 10_000;
/** How much text they may have then, in characters. */
const MAX_TEXT = 20_000_000;
/** How deep schemas may be within each other then. */
const MAX_DEPTH = 512;

function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema;
  return typeof type === 'string' && type !== 'object' && !schema.enum
    ? { ...schema, type: [type, 'null'] }
    : { ...(anyOf && schema), anyOf: [...(anyOf ?? [schema]), { type: 'null' }] };
}

/**
 * Says to a provider what `root` says. No `enum` is lost, and what it has no keyword for goes into the description.
 * `takes` is tested on `keyword=value`.
 * @throws {LLMError} with code `invalid_request`, and the path, where it cannot be said.
 */
export function translate(
  root: JsonSchema,
  dialect: JsonDialect,
  takes: RegExp,
  strictness: Strictness,
  hint = "ask with mode: 'tool'",
): JsonSchema {
  const isFlat = strictness === 'flat';
  const isOpen = strictness === 'open';
  const isFull = strictness === 'full';

  let count = 0;
  let depth = 0;
  let textLength = 0;

  function textOf(value: unknown): string {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    textLength += text.length;
    if (textLength > MAX_TEXT) {
      throw new LLMError(`The JSON Schema has more than ${MAX_TEXT} characters when its $refs are written out`, {
        code: 'config',
      });
    }
    return text;
  }

  function visit(given: unknown, path: string, trail: readonly string[]): JsonSchema {
    depth += 1;
    if (depth > MAX_DEPTH) {
      throw new LLMError(
        `The JSON Schema is nested more than ${MAX_DEPTH} levels deep when its $refs are written out`,
        {
          code: 'config',
        },
      );
    }
    const sent = visitOne(given, path, trail);
    depth -= 1;
    return sent;
  }

  function visitOne(given: unknown, path: string, trail: readonly string[]): JsonSchema {
    count += 1;
    if (count > MAX_SCHEMAS) {
      throw new LLMError(`The JSON Schema has more than ${MAX_SCHEMAS} schemas when its $refs are written out`, {
        code: 'config',
      });
    }
    const schema = normal(root, given);
    const {
      $ref,
      $defs,
      definitions: _,
      description,
      anyOf,
      properties,
      additionalProperties,
      items,
      prefixItems,
      ...rest
    } = schema;
    const { type, required } = rest;
    const isRecord = rest['patternProperties'] ?? additionalProperties ?? !properties;
    const refused =
      $ref || anyOf
        ? isFlat && $ref && trail.includes($ref) && 'recursion'
        : !isOpen &&
          (!type
            ? 'a value of any type'
            : prefixItems
              ? 'a tuple'
              : hasType(rest, 'object') && isRecord
                ? 'an open object'
                : hasType(rest, 'array') && !items && 'a list of anything');
    if (refused) {
      throw new LLMError(
        `The JSON Schema has ${refused} at ${path}, which ${dialect} does not take: leave it out, or ${hint}`,
        {
          code: 'invalid_request',
        },
      );
    }
    if ($ref && (isFlat || !(DEFINITION.test($ref) || trail.includes($ref)))) {
      delete schema.$ref;
      return visit({ ...resolve(root, $ref), ...schema }, path, [...trail, $ref]);
    }

    const inner = (child: unknown, step = ''): JsonSchema => visit(child, path + step, trail);
    const sent: JsonSchemaDraft = {};
    const told: unknown[] = [description];
    for (const [keyword, value] of Object.entries(rest)) {
      const text = textOf(value);
      const said = `${keyword}=${text}`;
      // Where there is a format, the pattern of a validator spells it out.
      if (NOISE.test(said) || (keyword === 'pattern' && rest['format'])) continue;
      if (PLAIN.test(keyword) || takes.test(said)) sent[keyword] = value;
      // `minLength`: min length
      else told.push(`${keyword.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}: ${text}`);
    }
    const words = told.filter(Boolean).join('\n');
    if (words) sent.description = words;

    // Nothing may stand beside a reference.
    if ($ref && !Object.keys(sent)[0]) sent.$ref = $ref;
    else if ($ref) sent.anyOf = [{ $ref }];
    if (anyOf) sent.anyOf = anyOf.map((branch) => inner(branch));
    if (properties) {
      sent.properties = mapValues(properties, (property, name) => {
        const translated = inner(property, `.${name}`);
        return !isFull || required?.includes(name) || allowsNull(root, property) ? translated : orNull(translated);
      });
      if (isFull) sent.required = Object.keys(properties);
    }
    if (!isOpen && type && hasType(rest, 'object')) sent.additionalProperties = false;
    else if (additionalProperties !== undefined)
      sent.additionalProperties = additionalProperties && inner(additionalProperties);
    if (prefixItems) sent.prefixItems = prefixItems.map((place) => inner(place));
    if (items !== undefined) sent.items = items && inner(items, '[]');
    if ($defs && !isFlat) sent.$defs = mapValues($defs, (definition) => inner(definition));
    return sent;
  }

  return visit(root, '$', ['#']);
}
