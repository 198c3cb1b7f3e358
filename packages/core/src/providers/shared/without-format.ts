import { joinTexts, type Choose } from './choice.ts';
import { valueIn } from '../../utils/merge-bodies.ts';
import type { ResolvedRequest } from '../provider.ts';

/** A refusal of this schema, and not of every schema. */
const ABOUT_SCHEMA =
  /schema (?:for|is(?! not (?:supported|available|enabled)| un)|has|in|contains|exceeds|produces|must|type|with)\b|invalid (?:json )?schema|in context=|too (?:complex|many|deep|large)|nesting|recursi|\$ref|additionalProperties|propert(?:y|ies)\b|constraint|grammar/i;

/**
 * The request for an object as the server takes it: with the field that asks for JSON of a schema or, where the server has
 * refused that, with instructions.
 */
export function withObjectFormat(request: ResolvedRequest, choose: Choose, name: string): ResolvedRequest {
  const { objectFormat, ...rest } = request;
  if (!objectFormat) return request;
  const { at, names, instructions, providerOptions } = objectFormat;
  const option = choose({
    // Some models take a schema only without tools.
    id: rest.tools?.length ? 'objectFormat with tools' : 'objectFormat',
    at,
    names,
    options: [{ key: 'schema', value: valueIn(rest.providerOptions?.[name], at) }],
    isRequired: instructions === undefined,
    requestOnly: ABOUT_SCHEMA,
  });
  return option ? rest : { ...rest, providerOptions, system: joinTexts(rest.system, instructions) };
}
