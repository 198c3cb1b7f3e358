import { toFailure, type LLMError } from '../errors/error.ts';
import type { Choice, ChoiceOption } from '../providers/shared/choice.ts';
import { valueIn } from '../utils/merge-bodies.ts';
import type { MadeChoice, SentRequest } from './choices.ts';
import { acceptedIn, limitIn, quotesValue, readRefusal, type Refusal } from './refusal.ts';

/** Requests that one attempt may send again with another choice. */
const MAX_RESENDS = 4;

/** What refusals have taught about one choice. */
interface Lesson {
  /** The keys of the options that are refused. */
  readonly refused: ReadonlySet<string>;
  /** The only keys that are accepted. */
  readonly accepted?: ReadonlySet<string> | undefined;
  /** The highest value that is accepted. */
  readonly limit?: number | undefined;
  /** The field is left out, whatever its value. */
  readonly isUnknown?: boolean | undefined;
}

/** The lessons of a client, by model and choice. */
export type Lessons = Map<string, Lesson>;

/** A lesson that has not been tried. */
interface PendingLesson {
  readonly id: string;
  readonly lesson: Lesson;
  readonly isShared: boolean;
  readonly error: LLMError;
}

/** Answers refusals of one request by other choices. `RequestChoices` describes the methods. */
export interface Healer {
  readonly pick: <T>(choice: Choice<T>) => ChoiceOption<T> | undefined;
  readonly learn: (error: LLMError, errorBody: string, sent: SentRequest) => boolean;
  readonly commit: (body: string | undefined, sentBody: string | undefined) => void;
  readonly explain: (error: LLMError) => LLMError;
}

export function createHealer(model: string | undefined, lessons: Lessons): Healer {
  /** What holds for this request alone. */
  const own: Lessons = new Map();
  const healed = new Set<string>();
  let pending: PendingLesson | undefined;
  let hint: string | undefined;

  const keyOf = (id: string): string => `${model}\n${id}`;

  function lessonsAbout(id: string): Lesson[] {
    return [lessons.get(keyOf(id)), own.get(id), pending?.id === id ? pending.lesson : undefined].filter(
      (lesson) => lesson !== undefined,
    );
  }

  function pick<T>(choice: Choice<T>): ChoiceOption<T> | undefined {
    const { options, isRequired, isLimit } = choice;
    const about = lessonsAbout(choice.id);
    const isListed = about.some(({ accepted }) => accepted);
    const fitting = options.find(
      ({ key, onlyIfListed }) =>
        !about.some(
          ({ refused, accepted, isUnknown }) => isUnknown || refused.has(key) || accepted?.has(key) === false,
        ) &&
        (isListed || !onlyIfListed),
    );
    const option = fitting ?? (isRequired ? options.findLast(({ onlyIfListed }) => !onlyIfListed) : undefined);
    if (!isLimit || typeof option?.value !== 'number') return option;
    const limit = Math.min(option.value, ...about.map((lesson) => lesson.limit ?? Infinity));
    return limit === option.value ? option : { ...option, value: limit as T };
  }

  function learn(error: LLMError, errorBody: string, sent: SentRequest): boolean {
    hint = undefined;
    if (healed.size >= MAX_RESENDS) return false;
    const refusal = readRefusal(errorBody);
    const candidates = choicesIn(sent).filter(({ choice }) => !healed.has(fieldOf(choice)));
    const named = findNamed(refusal, candidates);
    if (!named) return false;
    const { choice, option } = named;
    hint = choice.hint;
    if (!option) return false;
    healed.add(fieldOf(choice));
    const { lesson, isForRequest } = lessonOf(choice, option, refusal);
    pending = { id: choice.id, lesson, isShared: !isForRequest, error };
    return true;
  }

  function commit(body: string | undefined, sentBody: string | undefined): void {
    const learned = pending;
    pending = undefined;
    if (!learned) return;
    if (body === sentBody) throw explain(learned.error);
    const { id, lesson, isShared } = learned;
    if (isShared) lessons.set(keyOf(id), join(lessons.get(keyOf(id)), lesson));
    else own.set(id, lesson);
  }

  function explain(error: LLMError): LLMError {
    if (!hint) return error;
    const explained = toFailure(error);
    explained.message += `. ${hint}`;
    return explained;
  }

  return { pick, learn, commit, explain };
}

/** The choices that are in the body that was refused. */
function choicesIn({ body, made, offered }: SentRequest): readonly MadeChoice[] {
  // A provider that makes no choices may have sent the defaults, in fields that only it knows.
  if (made.length === 0) return offered.filter(({ option }) => body?.includes(`:${JSON.stringify(option?.value)}`));
  const json = parse(body);
  return made.filter(({ choice: { at, hint }, option }) => {
    if (!option) return hint !== undefined;
    return !at || JSON.stringify(valueIn(json, at)) === JSON.stringify(option.value);
  });
}

/** Two choices may be about one field. */
function fieldOf({ at, id }: Choice<unknown>): string {
  return at?.join('.') ?? id;
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    // A provider may send a body that is not JSON.
    return undefined;
  }
}

/** Words that reject a field or its value. */
const REJECTS =
  /support|permit|allow|unknown|unrecogni|unexpected|forbid|invalid|not valid|not match|extra|additional|remove|can(?:no|')t/i;

/** Words that ask for a field. `The reasoning_content in the thinking mode must be passed back to the API.` */
const ASKS =
  /\bmissing\b|must be (?:passed|provided|included|present|sent|preserved)|passed back|(?:is|field) required|must start with|expected ['"`]/i;

/** The field of an earlier answer that a refusal rejects. */
function findReturned(
  { text, fields, isUnknownField }: Refusal,
  candidates: readonly MadeChoice[],
): MadeChoice | undefined {
  const returned = candidates.filter(({ choice: { isReturned } }) => isReturned);
  const byField = returned.find(({ choice: { names } }) => fields.some((field) => names.test(field)));
  // A list of errors may ask for fields of other kinds of messages.
  if (byField && isUnknownField) return byField;
  if (!REJECTS.test(text) || ASKS.test(text)) return undefined;
  const named = `${fields.join('\n')}\n${text}`;
  return byField ?? returned.find(({ choice: { names } }) => names.test(named));
}

/**
 * The choice that a refusal means: by its exact wording, else by the field it gives, else by what its message names first,
 * else by the value that it quotes.
 */
function findNamed(refusal: Refusal, sent: readonly MadeChoice[]): MadeChoice | undefined {
  const { text, fields, isUnknownField, namesUnknownField } = refusal;
  const byWording = sent.find(({ choice: { wording } }) => wording?.test(text));
  if (byWording) return byWording;
  const returned = findReturned(refusal, sent);
  if (returned) return returned;
  const candidates = sent.filter(({ choice: { isReturned } }) => !isReturned);
  const byField = candidates.find(({ choice: { names } }) => fields.some((field) => names.test(field)));
  if (byField) return byField;
  if (namesUnknownField) return undefined;
  // A message about the caller's content may quote it; one about an unknown field names the object that the field is in.
  if (!isUnknownField && fields.some((field) => /^(messages|input|contents|tools|functions)\b/.test(field)))
    return undefined;
  let first: MadeChoice | undefined;
  let firstIndex = Infinity;
  for (const candidate of candidates) {
    const index = candidate.choice.names.exec(text)?.index ?? Infinity;
    if (index >= firstIndex) continue;
    first = candidate;
    firstIndex = index;
  }
  return first ?? candidates.find(({ choice, option }) => choice.isScale && option && quotesValue(refusal, option.key));
}

function lessonOf(
  { at, options, isRequired, isLimit, isScale, isName, requestOnly }: Choice<unknown>,
  { key, value }: ChoiceOption<unknown>,
  refusal: Refusal,
): { readonly lesson: Lesson; readonly isForRequest: boolean } {
  const refused = new Set([key]);
  const field = at?.join('.');
  const others = options.map((option) => option.key).filter((other) => other !== key);
  const listed = acceptedIn(refusal, others);
  const isAboutValue = listed.length > 0 || quotesValue(refusal, key);
  const namesField = isScale || refusal.fields.some((named) => named === field);
  if (refusal.isUnknownField && !isAboutValue && !isRequired && namesField) {
    return { lesson: { refused, isUnknown: true }, isForRequest: false };
  }
  if (isLimit && typeof value === 'number') {
    const { limit, isForRequest } = limitIn(refusal, value);
    return { lesson: limit === undefined ? { refused } : { refused: new Set(), limit }, isForRequest };
  }
  const accepted = isName && refusal.isUnknownField && listed.length === 0 ? others : listed;
  const lesson = { refused, accepted: accepted.length > 0 ? new Set(accepted) : undefined };
  return { lesson, isForRequest: requestOnly?.test(refusal.text) ?? false };
}

function join(known: Lesson | undefined, { refused, accepted, limit, isUnknown }: Lesson): Lesson {
  return {
    refused: new Set([...(known?.refused ?? []), ...refused]),
    accepted: accepted ?? known?.accepted,
    limit: limit ?? known?.limit,
    isUnknown: isUnknown ?? known?.isUnknown,
  };
}
