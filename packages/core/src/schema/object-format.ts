import type { Body } from '../utils/merge-bodies.ts';
import type { GenerateRequest } from '../types/request.ts';
import { answerName } from './to-identifier.ts';
import { translate, type JsonDialect, type Strictness } from './to-provider-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { objectAtRoot } from './wrap.ts';

/** How a provider is asked for JSON that holds to a schema, and what to do with the answer. */
export interface ObjectFormat {
  /** To be joined to the body by `mergeBodies`, after what the request puts in. */
  readonly body: Body;
  /** The field of the body, and how a refusal names it; absent for a backend, which asks its model itself. */
  readonly field: FormatField | undefined;
  /** What the answer holds to, as it comes over the wire: with the object around it, if it is `wrapped`. */
  readonly schema: JsonSchema;
  /** The property that holds the answer, where the provider only gives objects and the schema is of something else. */
  readonly wrapped: 'value' | undefined;
  /** Whether the provider is to let nothing pass but this schema; otherwise it only tries. */
  readonly strict: boolean;
}

/** The field that asks for JSON of a schema, and what to send to a server that refuses it. */
export interface RequestedFormat {
  /** The path of the field in the body. */
  readonly at: readonly string[];
  /** Matches the name of the field in a refusal. */
  readonly names: RegExp;
  /** Asks for the same in words; absent where the caller insists on the field. */
  readonly instructions?: string | undefined;
  /** `providerOptions` without the field. */
  readonly providerOptions: GenerateRequest['providerOptions'];
}

type FormatField = Pick<RequestedFormat, 'at' | 'names'>;

/** What servers call it, whatever the field. */
const IN_WORDS =
  'json_?schema|structured[_ ]outputs?|json[_ ](?:mode|output|object)|output[_ ]format|(?:guided|constrained)[_ ](?:decoding|generation|json)|controlled generation';

function namesOf(field: string): RegExp {
  return new RegExp(`${field}|${IN_WORDS}`, 'i');
}

const FIELDS: Readonly<Record<JsonDialect, FormatField | undefined>> = {
  openai: { at: ['response_format'], names: namesOf('response[_ ]?format') },
  'openai-responses': { at: ['text', 'format'], names: namesOf('text\\.format|response[_ ]?format|^text$') },
  anthropic: {
    at: ['output_config', 'format'],
    names: namesOf('output_config(?!\\.effort)|(?<!input_)\\bschema is too'),
  },
  gemini: {
    at: ['generationConfig', 'responseJsonSchema'],
    names: namesOf('response_?(?:json_?)?schema|response[_ ]?mime|\\bschema\\b'),
  },
  ollama: { at: ['format'], names: namesOf('\\bformat\\b|\\bgrammar\\b') },
  backend: undefined,
};

/** https://platform.openai.com/docs/guides/structured-outputs#supported-schemas; a pattern that looks around is refused. */
const OPENAI =
  /^(m(in|ax)(imum|Items)=|exclusiveM|multipleOf|pattern=(?!.*(\(\?[^:]|\\\d))|format=(date|time|date-time|duration|email|hostname|ipv4|ipv6|uuid)$)/;

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
const ANTHROPIC = /^(minItems=[01]$|format=(date|time|date-time|duration|email|hostname|ipv4|ipv6|uuid|uri)$)/;

/**
 * What Gemini takes; Ollama makes a grammar of it, and knows a little more.
 * https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 */
const OTHERS = /^(m(in|ax)(imum|Items)=|format=(date|time|date-time)$)/;

/**
 * The schema of a strict tool as the provider accepts it; `undefined` where OpenAI cannot be asked strictly.
 * @throws {LLMError} with code `invalid_request`, and the path, where another provider cannot.
 */
export function strictToolSchema(dialect: JsonDialect, given: JsonSchema): JsonSchema | undefined {
  // A tool without arguments. For an object within an answer the same would allow any properties.
  const isEmpty = given.type === 'object' && !given.additionalProperties && !given['patternProperties'];
  const jsonSchema = isEmpty ? { properties: {}, ...given } : given;
  const hint = 'set strict: false';
  if (dialect === 'anthropic') return translate(jsonSchema, dialect, ANTHROPIC, 'flat', hint);
  if (!dialect.startsWith('openai')) return translate(jsonSchema, dialect, OTHERS, 'open', hint);
  // OpenAI wants an object at the root, without alternatives.
  if (jsonSchema.type !== 'object') return undefined;
  try {
    return translate(jsonSchema, dialect, OPENAI, 'full', hint);
  } catch {
    return undefined;
  }
}

/**
 * What to add to a request so that the answer is JSON of this schema.
 * @throws {LLMError} with code `invalid_request`, and the path, where the provider cannot be asked for it. OpenAI is
 * asked without `strict` then.
 */
export function objectFormat(
  dialect: JsonDialect,
  jsonSchema: JsonSchema,
  { name }: { readonly name?: string | undefined } = {},
): ObjectFormat {
  const isOpenAI = dialect.startsWith('openai');
  const { schema: source, wrapped } = isOpenAI ? objectAtRoot(jsonSchema) : { schema: jsonSchema };
  const type = 'json_schema';

  function bodyOf(schema: JsonSchema, strict: boolean): Body {
    const named = { name: answerName(name), schema, strict };
    switch (dialect) {
      case 'openai':
        return { response_format: { type, json_schema: named } };
      case 'openai-responses':
        return { text: { format: { type, ...named } } };
      case 'anthropic':
        return { output_config: { format: { type, schema } } };
      case 'gemini':
        return { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } };
      case 'ollama':
        return { format: schema };
      default:
        return {};
    }
  }

  function formatOf(takes: RegExp, strictness: Strictness, strict: boolean): ObjectFormat {
    const body = bodyOf(translate(source, dialect, takes, strictness), strict);
    return { body, field: FIELDS[dialect], schema: source, wrapped, strict };
  }

  if (!isOpenAI) {
    return dialect === 'anthropic'
      ? formatOf(ANTHROPIC, 'flat', true)
      : formatOf(OTHERS, 'open', dialect !== 'backend');
  }
  try {
    return formatOf(OPENAI, 'full', true);
  } catch {
    return formatOf(OPENAI, 'open', false);
  }
}
