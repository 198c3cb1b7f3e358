import type { GenerateRequest, ReasoningOptions, ToolChoice } from '../../types/request.ts';

/** One way to write a field. */
export interface ChoiceOption<T> {
  /** Names the option in what is remembered about a model, and among the values that a refusal lists as accepted. */
  readonly key: string;
  /** The value of the field. */
  readonly value: T;
  /** Used only if a refusal lists it as accepted. */
  readonly onlyIfListed?: boolean | undefined;
}

/**
 * A field of the body that the provider decides on: a default, or the translation of an option. A server that refuses it
 * with 400 or 422 is sent the next option that fits, or a request without the field. What the caller sets word for word
 * is never a choice.
 */
export interface Choice<T> {
  /** Unique within a request. What is learned about a model is remembered under it. */
  readonly id: string;
  /** The path of the field in the body. A body that has another value there holds the caller's value, which stays. */
  readonly at?: readonly string[] | undefined;
  /** Matches the name of the field in a refusal: in its `param`, in a `loc` path, or in its message. */
  readonly names: RegExp;
  /** Matches the message of a refusal that means this field, whichever other fields it names. */
  readonly wording?: { test(text: string): boolean } | undefined;
  /** The best one first. After the last one the field is left out. */
  readonly options: readonly ChoiceOption<T>[];
  /** The field is never left out: the last option stays that needs no list. */
  readonly isRequired?: boolean | undefined;
  /** The values are upper bounds: a refusal that names a lower bound is answered with that bound. */
  readonly isLimit?: boolean | undefined;
  /** The options are values of one scale: a server that does not know the field refuses them all. */
  readonly isScale?: boolean | undefined;
  /** The options are names for the field: a server that does not know one is sent the others. */
  readonly isName?: boolean | undefined;
  /**
   * A field that an earlier answer had and that is sent back. A refusal means it if it rejects the field, not if it asks
   * for it, and may be about the messages.
   */
  readonly isReturned?: boolean | undefined;
  /** Matches the message of a refusal that is about this request alone, so that nothing is remembered for the model. */
  readonly requestOnly?: RegExp | undefined;
  /** Added to the error of a refusal that no option answers. */
  readonly hint?: string | undefined;
}

/** Returns the best option that the model has not refused, or `undefined` to leave the field out. */
export type Choose = <T>(choice: Choice<T>) => ChoiceOption<T> | undefined;

// The parts of a choice that are the same for every provider.
type CommonChoice = Omit<Choice<never>, 'options'>;
export const TEMPERATURE: CommonChoice = { id: 'temperature', names: /\btemperature\b/i };
export const MAX_TOKENS: CommonChoice = {
  id: 'maxTokens',
  names: /max\w{0,24}tokens|num_predict|max(?:imum)? (?:(?:output|completion|new) )?tokens|number of output tokens/i,
  isLimit: true,
};
export const STREAM: CommonChoice = {
  id: 'stream',
  at: ['stream'],
  names: /^stream$|['"`]stream['"`]|\bto stream\b|\bstreaming (?:is |mode )?(?:not|un)/i,
};
export const STRICT: CommonChoice = { id: 'strict', names: /\bstrict\b/i };
const TOOL_CHOICE: CommonChoice = {
  id: 'toolChoice',
  names: /tool[_ ]?choice|tool_?config|function_?calling_?config|forc(?:e|ed|es|ing) (?:a |the )?(?:tool|function)/i,
};

/** A call cannot be forced while the model thinks, and the message names that first: the thinking is kept. */
const NOT_WHILE_THINKING =
  /\b(?:thinking|reasoning)\b[^\n]{0,160}(?:\btool_?choice|\bforc(?:e|ed|es|ing) (?:a |the )?(?:tool|function))|tool_?choice\S{0,40} forces/i;

/** For a choice that only its `wording` identifies. */
export const NO_NAME: RegExp = /(?!)/;

/** The option of a field that is either sent with this value or left out; none for `undefined`. */
export function optionsOf<T>(value: T | undefined): ChoiceOption<T>[] {
  return value === undefined ? [] : [{ key: 'value', value }];
}

export type Effort = NonNullable<ReasoningOptions['effort']>;

/** From the least to the most. */
const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Efforts that every reasoning model accepts, for a refusal without a list. */
const COMMON: Partial<Record<Effort, Effort>> = { none: 'low', minimal: 'low', xhigh: 'high', max: 'high' };

/** An effort, then the common one near it, then every other one that a refusal may list: the nearest first, the lower of two. */
export function effortOptions(effort: Effort): ChoiceOption<Effort>[] {
  const rank = EFFORTS.indexOf(effort);
  const others = EFFORTS.filter((other) => other !== effort);
  others.sort((a, b) => Math.abs(EFFORTS.indexOf(a) - rank) - Math.abs(EFFORTS.indexOf(b) - rank));
  const listed = others.map((key) => ({ key, value: key, onlyIfListed: key !== COMMON[effort] }));
  return [{ key: effort, value: effort }, ...listed];
}

/** Joins texts for the model, those that are there, with a blank line between them. */
export function joinTexts(...texts: readonly (string | false | undefined)[]): string | undefined {
  return texts.filter(Boolean).join('\n\n') || undefined;
}

/** How a provider writes `toolChoice`. */
export interface WireToolChoice<T> {
  readonly at: readonly string[];
  readonly write: (choice: ToolChoice) => T;
  /** Sends it only beside tools. */
  readonly needsTools?: boolean | undefined;
  /** Part of the id, where a refusal holds only in a context: while the model thinks. */
  readonly context?: string | undefined;
}

/**
 * Writes `toolChoice`. A model that refuses to be made to call a tool gets `auto`, and is asked for the call in words.
 * `none` is never left out.
 */
export function chooseTool<T>(
  { tools, toolChoice }: GenerateRequest,
  choose: Choose,
  { at, write, needsTools, context = '' }: WireToolChoice<T>,
): { readonly toolChoice: T | undefined; readonly instructions: string | undefined } {
  if (toolChoice === undefined || (needsTools && !tools?.length)) {
    return { toolChoice: undefined, instructions: undefined };
  }
  const wanted = { key: typeof toolChoice === 'object' ? 'named' : toolChoice, value: write(toolChoice) };
  const isForced = wanted.key === 'named' || wanted.key === 'required';
  const option = choose({
    ...TOOL_CHOICE,
    id: `${TOOL_CHOICE.id}${context}`,
    at,
    wording: isForced ? NOT_WHILE_THINKING : undefined,
    options: isForced ? [wanted, { key: 'auto', value: write('auto') }] : [wanted],
    isRequired: toolChoice === 'none',
  });
  const isAskedInWords = isForced && option?.key !== wanted.key;
  return { toolChoice: option?.value, instructions: isAskedInWords ? toolInstructions(toolChoice) : undefined };
}

function toolInstructions(toolChoice: ToolChoice): string {
  return typeof toolChoice === 'object'
    ? `You must call the tool ${toolChoice.name}.`
    : 'You must call at least one of the tools.';
}
