import type { LLMClient } from '../client/client.ts';
import { LLMError } from '../errors/error.ts';
import type { ObjectIssue } from '../path/issue.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import { mergeBodies } from '../utils/merge-bodies.ts';
import type { ResolvedRequest } from '../providers/provider.ts';
import type { GenerateRequest } from '../types/request.ts';
import type { StandardSchema } from '../types/standard-schema.ts';
import { askAgain } from './repair-request.ts';
import { atomicPaths } from '../schema/atomic-paths.ts';
import { instructions } from '../schema/instructions.ts';
import { branchesOf } from '../schema/json-schema.ts';
import { checkAnswer, checkIssues } from './assert-object.ts';
import { readObject, type CheckElement, type ObjectPlace, type ObjectReading } from './object-reader.ts';
import { objectFormat, type ObjectFormat } from '../schema/object-format.ts';
import { createRestore } from '../schema/strip-placeholder-nulls.ts';
import { toJsonSchema } from '../schema/to-json-schema.ts';
import { toolFormat } from '../schema/tool-format.ts';
import { listOf } from '../schema/wrap.ts';

export { parseExactly } from '../json/parse-exactly.ts';
export { validateExactly } from '../json/exact-numbers.ts';

/**
 * How a model is brought to answer with JSON. `schema`: in the provider's own way, which holds it to the schema. `tool`: as
 * the input of a tool that it has to call. `prompt`: by words alone; what stands around the JSON is passed over.
 */
export type ObjectMode = 'schema' | 'tool' | 'prompt';

/** What is asked for. */
export interface PlanOptions {
  readonly schema: StandardSchema | undefined;
  /** The schema of an element, where a list is asked for. */
  readonly array: StandardSchema | undefined;
  readonly jsonSchema: object | undefined;
  readonly name: string | undefined;
  readonly mode: ObjectMode | undefined;
}

/** What to send for an object, and how to read the answer. */
export interface Plan {
  readonly request: GenerateRequest;
  /** Begins to read an answer; `checkElement` is called with each item of a list when it closes. */
  readonly startReading: (checkElement: CheckElement) => ObjectReading;
  /** Throws for an answer that is no object, whatever the model wrote. */
  readonly checkAnswer: typeof checkAnswer;
  /** Throws if there are any. */
  readonly checkIssues: typeof checkIssues;
  /** What to send after an answer that did not do. */
  readonly again: (rawText: string, message: string, issues: readonly ObjectIssue[]) => GenerateRequest;
}

/**
 * @throws {LLMError} with code `config` where there is no client or schema, or one that is none; with code
 * `invalid_request` where the provider cannot be asked like that.
 */
export function planObject(client: LLMClient, request: GenerateRequest, options: PlanOptions): Plan {
  const misuse = (message: string): LLMError => new LLMError(message, { code: 'config' });
  // Without types anything may come.
  const { config }: Partial<LLMClient> = Object(client);
  if (!config) throw misuse('client must be an LLMClient');
  const { name, supports } = config.provider;
  const { schema, array, mode = supports.json ? 'schema' : supports.tools ? 'tool' : 'prompt' } = options;
  const isArray = !!array;
  const given = array ?? schema;
  if (array && schema) throw misuse('Both schema and array are there: array is the schema of an element of a list');
  if (!given?.['~standard']) {
    throw misuse(
      `${isArray ? 'array' : 'schema'} must be a Standard Schema (zod, valibot, arktype); z.fromJSONSchema makes one of a JSON Schema`,
    );
  }
  const own = toJsonSchema(given, options.jsonSchema);
  const asked = isArray ? listOf(own) : own;
  // For objects there is no default bound: it would cut them.
  const base = mergeDefined<GenerateRequest>({ maxTokens: null }, { maxTokens: config.maxTokens }, request);
  // An answer of `null` has no bracket to look for, and is found in the end.
  const types = branchesOf(asked, asked)
    .filter(({ type }) => type !== 'null')
    .map(({ type }) => (type === 'object' ? '{' : type === 'array' && '['));

  function planOf(
    fields: GenerateRequest & Pick<ResolvedRequest, 'objectFormat'>,
    { schema: sent, wrapped, tool }: Partial<ObjectFormat> & { readonly tool?: string },
  ): Plan {
    const asking: GenerateRequest = { ...base, ...fields };
    const openings = [...new Set(wrapped ? [...types.filter(Boolean), '{' as const] : types)];
    const place: ObjectPlace = {
      tool,
      inside: wrapped,
      skipProse: !tool && (openings.length === 1 ? openings[0] : openings.every(Boolean)),
      atomic: atomicPaths(sent ?? asked),
      read: createRestore(asked),
    };
    return {
      request: asking,
      // Of a list, the elements are checked, and not the whole.
      startReading: (checkElement) => readObject(place, schema, checkElement),
      checkAnswer,
      checkIssues,
      again: (...wrong) => askAgain(asking, ...wrong),
    };
  }

  if (mode === 'schema' && supports.json) {
    const format = objectFormat(supports.json, asked, options);
    const { field } = format;
    const { providerOptions } = request;
    const body = mergeBodies(providerOptions?.[name], format.body);
    // A mode that the caller insists on is not replaced by another one.
    const inWords = options.mode ? undefined : instructions(format.schema);
    const requested = field && { ...field, instructions: inWords, providerOptions };
    return planOf({ providerOptions: { ...providerOptions, [name]: body }, objectFormat: requested }, format);
  }
  if (mode === 'tool' && supports.tools) {
    const { tools, toolChoice, ...format } = toolFormat(asked, options);
    return planOf({ tools: [...(request.tools ?? []), ...tools], toolChoice }, { ...format, tool: tools[0].name });
  }
  if (mode !== 'prompt') {
    throw new LLMError(`${name} has no way of mode '${mode}' to ask for an object: leave mode out, or take 'prompt'`, {
      code: 'invalid_request',
    });
  }
  return planOf({ system: [request.system ?? config.system, instructions(asked)].filter(Boolean).join('\n\n') }, {});
}
