import { isObject } from '../../utils/merge-bodies.ts';

/**
 * Fields of a message that servers want back: thoughts, their signatures, and what is encrypted. Each goes back under
 * its own name.
 * OpenRouter, MiniMax `reasoning_details`: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning
 * LiteLLM `thinking_blocks`, `provider_specific_fields`: https://docs.litellm.ai/docs/reasoning_content
 * Gemini `extra_content`: https://ai.google.dev/gemini-api/docs/thought-signatures#openai
 * xAI `encrypted_content`; GitHub Copilot `reasoning_opaque`.
 */
const KEPT = /reasoning|thinking|signature|encrypted|redacted|opaque|extra_content|provider_specific/i;

/** Strings that arrive whole: a later one replaces the earlier one. */
const WHOLE = /signature|encrypted|redacted|opaque|^data$/i;

/** The fields of a list element that grow. */
const GROWING = ['text', 'summary', 'thinking'] as const;

/** From this length on, text that begins with all of the text before repeats it. */
const REPEATED_LENGTH = 8;

/** The text of reasoning, in the order in which a field is preferred if several have it. */
export const REASONING_FIELDS = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const;

export type ReasoningField = (typeof REASONING_FIELDS)[number];

/** Joins the fields of a later piece to those of a call, in place. Objects are joined; anything else is replaced. */
export function joinFields(known: Record<string, unknown>, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value == null) continue;
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!isObject(value)) put(known, name, value);
    else if (isObject(before)) for (const [member, field] of Object.entries(value)) put(before, member, field);
    // A copy, because later pieces are joined to it.
    else put(known, name, { ...value });
  }
}

/** A copy that later pieces do not change. */
export function copyFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isObject(value) ? { ...value } : value]),
  );
}

function put(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

/** A list whose elements arrive in pieces: a field of the message, or `member` of one. */
interface JoinedList {
  readonly entries: Record<string, unknown>[];
  readonly byKey: Map<string, Record<string, unknown>>;
  /** The last type of each index: later pieces may omit it. */
  readonly types: Map<unknown, unknown>;
  /** The elements whose signature followed their text. */
  readonly signed: Set<Record<string, unknown>>;
}

export interface KeptFields {
  /**
   * Adds the fields of a delta.
   * @returns the reasoning text that the lists among them add.
   */
  add(delta: Readonly<Record<string, unknown>>): string;
  /** Adds the fields of a whole message, which repeats those of the deltas. */
  addWhole(message: Readonly<Record<string, unknown>>): string;
  /** Sets a field of any name. */
  put(name: string, value: unknown): void;
  /** A copy of all fields, or `undefined` if there are none. */
  snapshot(): Record<string, unknown> | undefined;
}

/** Collects the fields of a message that have to go back. Each piece costs its own size. */
export function createKeptFields(): KeptFields {
  const values: Record<string, unknown> = {};
  /** By the name of the field, then by that of the member, which is `undefined` for the field itself. */
  const lists = new Map<string, Map<string | undefined, JoinedList>>();

  function addList(value: readonly unknown[], name: string, member?: string): string {
    const ofField = lists.get(name) ?? new Map<string | undefined, JoinedList>();
    const list = ofField.get(member) ?? { entries: [], byKey: new Map(), types: new Map(), signed: new Set() };
    const added = value.map((piece) => (isObject(piece) ? addEntry(list, piece) : '')).join('');
    if (list.entries.length > 0) {
      ofField.set(member, list);
      lists.set(name, ofField);
    }
    return added;
  }

  function addField(name: string, value: unknown): string {
    if (Array.isArray(value)) return addList(value, name);
    if (isObject(value)) {
      const members = Object.entries(value);
      for (const [member, list] of members) if (Array.isArray(list)) addList(list, name, member);
      const rest = Object.fromEntries(members.filter(([, list]) => !Array.isArray(list)));
      if (hasContent(rest)) joinFields(values, { [name]: rest });
    } else if (typeof value === 'string' && value) {
      const known = values[name];
      put(values, name, typeof known !== 'string' || WHOLE.test(name) ? value : known + value);
    }
    return '';
  }

  function add(delta: Readonly<Record<string, unknown>>): string {
    const added = new Map<string, string>();
    for (const [name, value] of Object.entries(delta)) if (isKept(name, value)) added.set(name, addField(name, value));
    return textIn(added);
  }

  return {
    add,
    addWhole(message) {
      const added = new Map<string, string>();
      for (const [name, value] of Object.entries(message)) {
        if (!isKept(name, value)) continue;
        // The whole value stands for its pieces.
        const isFull = Array.isArray(value) ? value.length > 0 : value != null && value !== '';
        if (isFull) {
          lists.delete(name);
          delete values[name];
          added.set(name, addField(name, value));
        }
      }
      return textIn(added);
    },
    put: (name, value) => put(values, name, value),
    snapshot() {
      const fields = copyFields(values);
      for (const [name, ofField] of lists) {
        for (const [member, { entries }] of ofField) {
          const list = entries.map(copyFields);
          if (member === undefined) put(fields, name, list);
          else if (isObject(fields[name])) put(fields[name], member, list);
          else put(fields, name, { [member]: list });
        }
      }
      return Object.keys(fields).length > 0 ? fields : undefined;
    },
  };
}

/** The text that is shown if no field of its own has it. Several lists would repeat it. */
function textIn(added: ReadonlyMap<string, string>): string {
  return added.get('reasoning_details') || added.get('thinking_blocks') || '';
}

function isKept(name: string, value: unknown): boolean {
  const isShown = typeof value === 'string' && REASONING_FIELDS.includes(name as ReasoningField);
  return KEPT.test(name) && !isShown;
}

/** Gemini marks thoughts by a flag alone, which is not true of the whole message. */
function hasContent(value: object): boolean {
  return Object.values(value).some((field) =>
    isObject(field) ? hasContent(field) : field != null && typeof field !== 'boolean',
  );
}

/** @returns the text that the piece adds. */
function addEntry(list: JoinedList, piece: Readonly<Record<string, unknown>>): string {
  const { index, id, data } = piece;
  const type = piece['type'] ?? list.types.get(index);
  list.types.set(index, type);
  const signature = typeof piece['signature'] === 'string' ? piece['signature'] : '';
  const last = list.entries.at(-1);
  if (typeof data === 'string') {
    // Encrypted: each is whole.
    if (!last || last['data'] !== data || last['id'] !== id) list.entries.push({ ...piece });
    return '';
  }
  const key = JSON.stringify([type, index]);
  const known = list.byKey.get(key);
  const name = GROWING.find((field) => typeof piece[field] === 'string' && piece[field] !== '');
  const text = name ? (piece[name] as string) : '';
  const before = known && name && typeof known[name] === 'string' ? known[name] : '';
  const isRestated = before !== '' && text === before && signature !== '';
  const isAnother =
    !known ||
    (id != null && known['id'] != null && id !== known['id']) ||
    // A signature closes its block.
    (text !== '' && !isRestated && list.signed.has(known));
  if (isAnother) {
    const entry = { ...piece };
    list.byKey.set(key, entry);
    list.entries.push(entry);
    if (signature && text) list.signed.add(entry);
    return text;
  }
  const isLonger = before.length >= REPEATED_LENGTH && text.length > before.length && text.startsWith(before);
  const added = isRestated ? '' : isLonger ? text.slice(before.length) : text;
  for (const [field, value] of Object.entries(piece)) {
    if (value == null || value === '') continue;
    if (field === name) put(known, field, before + added);
    else if (field !== 'signature') put(known, field, value);
    else if (typeof known[field] !== 'string') put(known, field, value);
    else if (known[field] !== value) put(known, field, known[field] + signature);
  }
  if (signature && GROWING.some((field) => known[field])) list.signed.add(known);
  return added;
}
