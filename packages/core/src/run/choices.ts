import type { LLMError } from '../error.ts';
import { MAX_TOKENS, TEMPERATURE, type Choice, type ChoiceOption, type Choose } from '../providers/choice.ts';
import { valueIn } from '../providers/merge-bodies.ts';
import type { Defaults } from '../providers/provider.ts';
import type { GenerateRequest } from '../request.ts';
import { acceptedIn, limitIn, quotesValue, readRefusal, type Refusal } from './refusal.ts';

const DEFAULT_TEMPERATURE = 0.7;
const DEFAULT_MAX_TOKENS = 2000;

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

/** The choices that one request is sent with, and what its refusals teach about them. */
export interface RequestChoices {
  /** For the provider, each time it builds the request. */
  readonly choose: Choose;
  /** Values for what the request leaves open, for a provider that makes no choices of its own. */
  readonly defaults: () => Defaults;
  /**
   * Called with each body before it is sent. What the last refusal taught is shared with the other requests of the client.
   * @throws {LLMError} the last refusal, if what it taught changes nothing in the body: then the field was the caller's.
   */
  readonly commit: (body: string | undefined) => void;
  /**
   * Whether `error`, whose whole body is given, names a choice that has another option: then the request is worth sending
   * again.
   */
  readonly learn: (error: LLMError, errorBody: string) => boolean;
  /** The error of a refusal without another option, with the hint of its choice. */
  readonly explain: (error: LLMError) => LLMError;
}

interface MadeChoice {
  readonly choice: Choice<unknown>;
  readonly option: ChoiceOption<unknown> | undefined;
}

/** A lesson that has not been tried. */
interface PendingLesson {
  readonly id: string;
  readonly lesson: Lesson;
  readonly isShared: boolean;
  readonly error: LLMError;
}

export function createRequestChoices(request: GenerateRequest, lessons: Lessons): RequestChoices {
  /** What holds for this request alone. */
  const own: Lessons = new Map();
  const healed = new Set<string>();
  let made = new Map<string, MadeChoice>();
  let offered: { readonly choice: Choice<number>; readonly option: ChoiceOption<number> }[] = [];
  let sentBody: string | undefined;
  let pending: PendingLesson | undefined;
  let hint: string | undefined;

  const keyOf = (id: string): string => `${request.model}\n${id}`;

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

  const choose: Choose = (choice) => {
    const option = pick(choice);
    made.set(choice.id, { choice, option });
    return option;
  };

  function openDefault(name: keyof Defaults, value: number): Choice<number> {
    const common = name === 'temperature' ? TEMPERATURE : MAX_TOKENS;
    return { ...common, options: request[name] === undefined ? [{ key: 'value', value }] : [] };
  }
  const temperature = openDefault('temperature', DEFAULT_TEMPERATURE);
  const maxTokens = openDefault('maxTokens', DEFAULT_MAX_TOKENS);

  function defaults(): Defaults {
    made = new Map();
    offered = [temperature, maxTokens].flatMap((choice) => {
      const option = pick(choice);
      return option ? [{ choice, option }] : [];
    });
    return { temperature: pick(temperature)?.value, maxTokens: pick(maxTokens)?.value };
  }

  /** The choices that are in the body that was refused. */
  function sentChoices(): MadeChoice[] {
    // A provider that makes no choices may have sent the defaults, in fields that only it knows.
    if (made.size === 0) return offered.filter(({ option }) => sentBody?.includes(`:${option.value}`));
    const body = parse(sentBody);
    return [...made.values()].filter(({ choice: { at, hint: advice }, option }) => {
      if (!option) return advice !== undefined;
      return !at || JSON.stringify(valueIn(body, at)) === JSON.stringify(option.value);
    });
  }

  function learn(error: LLMError, errorBody: string): boolean {
    const { status } = error;
    hint = undefined;
    if ((status !== 400 && status !== 422) || healed.size >= MAX_RESENDS) return false;
    const refusal = readRefusal(errorBody);
    const candidates = sentChoices().filter(({ choice }) => !healed.has(fieldOf(choice)));
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

  function commit(body: string | undefined): void {
    const learned = pending;
    pending = undefined;
    if (learned && body === sentBody) throw explain(learned.error);
    sentBody = body;
    if (!learned) return;
    const { id, lesson, isShared } = learned;
    if (isShared) lessons.set(keyOf(id), join(lessons.get(keyOf(id)), lesson));
    else own.set(id, lesson);
  }

  function explain(error: LLMError): LLMError {
    if (hint) error.message += `. ${hint}`;
    return error;
  }

  return { choose, defaults, commit, learn, explain };
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

/**
 * The choice that a refusal means: by its exact wording, else by the field it gives, else by what its message names first,
 * else by the value that it quotes.
 */
function findNamed(refusal: Refusal, candidates: readonly MadeChoice[]): MadeChoice | undefined {
  const { text, fields, isUnknownField, namesUnknownField } = refusal;
  const byWording = candidates.find(({ choice: { wording } }) => wording?.test(text));
  if (byWording) return byWording;
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
