import type { ToolChoice, ToolDefinition } from '../types/request.ts';
import { answerName } from './to-identifier.ts';
import type { JsonSchema } from './json-schema.ts';
import { objectAtRoot } from './wrap.ts';

/** A request for an object as the input of a tool that has to be called. */
export interface ToolFormat {
  readonly tools: readonly [ToolDefinition];
  readonly toolChoice: ToolChoice;
  /** What the input of the call holds to. */
  readonly schema: JsonSchema;
  /** The property that holds the answer, where the schema is not of an object. */
  readonly wrapped: 'value' | undefined;
}

/** For a provider that has tools and no JSON of a schema. The schema goes as it is. */
export function toolFormat(jsonSchema: JsonSchema, options: { readonly name?: string | undefined } = {}): ToolFormat {
  const name = answerName(options.name);
  const { schema, wrapped } = objectAtRoot(jsonSchema);
  return {
    tools: [{ name, description: 'Takes the answer. Call it once, with all of the answer.', inputSchema: schema }],
    toolChoice: { name },
    schema,
    wrapped,
  };
}
