import type { Part } from '../../types/message.ts';
import { NO_NAME, optionsOf, type Choice, type Choose } from '../shared/choice.ts';
import { isObject } from '../../utils/merge-bodies.ts';
import { REASONING_FIELDS } from './kept-fields.ts';
import { BAD_SIGNATURE } from '../shared/returned-thoughts.ts';

/** Whether a field that an earlier answer had is sent back. */
export type SendsField = (field: string) => boolean;

/** A name of this length or more is no field that a refusal would quote. */
const MAX_NAME_LENGTH = 100;

/**
 * Decides for each field whether it goes back. Servers refuse the thoughts that they sent themselves, and models that do
 * not think refuse those of the model before.
 * Groq: `property 'reasoning' is unsupported`: https://console.groq.com/docs/reasoning
 * Mistral: `loc: ["body", "messages", 1, "assistant", "reasoning_content"]`, `Extra inputs are not permitted`.
 */
export function createReturnedFields(choose: Choose): SendsField {
  const known = new Map<string, boolean>();
  return (field) => {
    const isSent = known.get(field) ?? (field.length > MAX_NAME_LENGTH || choose(choiceOf(field)) !== undefined);
    known.set(field, isSent);
    return isSent;
  };
}

function choiceOf(field: string): Choice<boolean> {
  const isPlainText = REASONING_FIELDS.some((name) => name === field);
  return {
    id: `returned ${field}`,
    names: nameOf(field),
    wording: isPlainText ? NO_NAME : BAD_SIGNATURE,
    requestOnly: BAD_SIGNATURE,
    isReturned: true,
    options: optionsOf(true),
  };
}

/** A name that is a plain word counts only in quotes or in a path, behind the messages that it is in. */
function nameOf(field: string): RegExp {
  const name = field.replace(/[^\w ]/g, '\\$&');
  return field.includes('_')
    ? new RegExp(`(?<!\\w)${name}(?!\\w)`, 'i')
    : new RegExp(`\\b(?:messages?|assistant)\\b[^]{0,300}?[.'"\`\\]]${name}(?!\\w)`, 'i');
}

/** The part without the fields that are not sent back. `name` is that of the provider, whose metadata has them. */
export function withReturnedFields(part: Part, name: string, sends: SendsField): Part {
  if (part.type === 'refusal' && part.text && !sends('refusal')) return { type: 'text', text: part.text };
  const own = part.providerMetadata?.[name];
  if (!isObject(own)) return part;
  const { fields, values, message, call, function: called, piece, isImage } = own;
  return {
    ...part,
    providerMetadata: {
      ...part.providerMetadata,
      [name]: {
        ...own,
        fields: Array.isArray(fields) ? fields.filter((field) => typeof field === 'string' && sends(field)) : undefined,
        values: pick(values, sends),
        message: pick(message, sends),
        call: pick(call, sends),
        function: pick(called, sends),
        // Mistral's pieces of the content.
        piece: isObject(piece) && sends('thinking') ? piece : undefined,
        isImage: isImage === true && sends('images'),
      },
    },
  };
}

function pick(fields: unknown, sends: SendsField): Record<string, unknown> | undefined {
  if (!isObject(fields)) return undefined;
  // The type of a call is required.
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field === 'type' || sends(field)));
}
