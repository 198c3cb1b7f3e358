import { createJsonEnd, type JsonEnd } from '../json/json-end.ts';
import { isObject } from './merge-bodies.ts';
import { joinFields } from './openai-kept-fields.ts';

/** A piece of a call, in one shape for all servers. */
export interface CallPiece {
  /** `undefined` if the server does not count the calls. */
  readonly key: unknown;
  readonly id: string;
  readonly name: string;
  readonly input: string;
  /** A tool whose input is text in place of JSON. */
  readonly isCustom: boolean;
  /** Fields of the call beyond those of OpenAI's wire, such as a thought signature. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The same of its `function`. */
  readonly functionFields: Readonly<Record<string, unknown>>;
}

/** A call that is still being written. */
export interface OpenCall {
  /** The index of its part, or -1 until the name has arrived. */
  index: number;
  /** As the server sent it; empty if it has not. */
  id: string;
  name: string;
  input: string;
  isCustom: boolean;
  readonly fields: Record<string, unknown>;
  readonly functionFields: Record<string, unknown>;
  readonly end: JsonEnd;
  /** Its arguments are more than white space. */
  isFilled: boolean;
  /** A start of the same call was repeated behind complete arguments: if more arguments follow, they are another call's. */
  isRepeated: boolean;
  /** The last piece of the input, and whether each piece so far repeated the one before and went on from there. */
  lastInput: string;
  isCumulative: boolean;
}

/** A piece that has been added to its call, with the arguments that it adds. */
export interface RoutedPiece {
  readonly call: OpenCall;
  readonly input: string;
}

export interface CallRouter {
  readonly calls: readonly OpenCall[];
  /** Adds a piece to the call that it belongs to. */
  add(piece: CallPiece): RoutedPiece;
  /** Adds arguments to a call. */
  append(call: OpenCall, input: string): void;
  /** The call with this id. */
  byId(id: string): OpenCall | undefined;
}

/** Reads one element of `tool_calls`, or `undefined` if it is not an object. */
export function readCallPiece(wire: unknown): CallPiece | undefined {
  if (!isObject(wire)) return undefined;
  const { index, id, type, function: called, custom, ...fields } = wire;
  const isCustom = isObject(custom);
  // Some servers leave out the object between.
  const isFlat = !isCustom && !isObject(called);
  const {
    name,
    arguments: input,
    ...functionFields
  } = isCustom
    ? { ...custom, arguments: custom['input'], input: undefined }
    : isObject(called)
      ? called
      : { name: fields['name'], arguments: fields['arguments'] };
  const { name: _, arguments: __, ...flatFields } = fields;
  const ownFields = isFlat ? flatFields : fields;
  return {
    key: index ?? undefined,
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    name: typeof name === 'string' ? name : '',
    input: typeof input === 'string' ? input : input == null ? '' : JSON.stringify(input),
    isCustom,
    // Moonshot has a type of its own for tools that run on its side.
    fields: type === 'function' || type === 'custom' || !type ? ownFields : { ...ownFields, type },
    functionFields,
  };
}

/**
 * Finds the call of each piece. OpenAI numbers the calls and sends id and name once; other servers send no index, the
 * same index for all calls, ids or names with each piece, or an index that counts something else.
 */
export function createCallRouter(): CallRouter {
  const calls: OpenCall[] = [];
  const byId = new Map<string, OpenCall>();
  const byKey = new Map<unknown, OpenCall>();
  let last: OpenCall | undefined;

  /** The call that the piece goes on with; `undefined` if it opens another one. */
  function callOf(piece: CallPiece): OpenCall | undefined {
    const { key, id, name } = piece;
    const known = id ? byId.get(id) : undefined;
    if (known) {
      const isElsewhere = key !== undefined && byKey.get(key) !== known;
      return startsAgain(known, piece, isElsewhere) ? undefined : known;
    }
    const indexed = key === undefined ? undefined : byKey.get(key);
    if (id) return withNewId(piece, indexed);
    if (indexed) return startsAgain(indexed, piece, isFilled(piece.input)) ? undefined : indexed;
    if (!last) return undefined;
    if (!name) {
      // Arguments of the next call, whose name comes later, if those of the last call are complete.
      return key !== undefined && last.end.isClosed && isFilled(piece.input) ? undefined : last;
    }
    if (key !== undefined) return undefined;
    if (!last.name) return last;
    const isOtherStart = last.name !== name || (!last.isFilled && !isFilled(piece.input));
    return isOtherStart || beginsInput(last, piece) || startsAgain(last, piece, true) ? undefined : last;
  }

  /** Some gateways make an id for each piece; then the arguments go on in the middle. */
  function withNewId({ key, name, input }: CallPiece, indexed: OpenCall | undefined): OpenCall | undefined {
    const call = indexed ?? (name && key !== undefined ? undefined : last);
    if (!call) return undefined;
    if (!call.name) return indexed || !call.id ? call : undefined;
    const isMiddle = !call.end.isClosed && call.isFilled && isFilled(input) && !isStart(input);
    if (name) {
      const isLateId = !call.id && !call.end.isClosed && name === call.name && indexed;
      return isLateId || (isMiddle && name === call.name) ? call : undefined;
    }
    if (indexed) return call.end.isClosed && isFilled(input) ? undefined : call;
    return isMiddle || (!call.isFilled && isFilled(input)) ? call : undefined;
  }

  function open({ isCustom }: CallPiece): OpenCall {
    const call: OpenCall = {
      index: -1,
      id: '',
      name: '',
      input: '',
      isCustom,
      fields: {},
      functionFields: {},
      end: createJsonEnd(),
      isFilled: false,
      isRepeated: false,
      lastInput: '',
      isCumulative: true,
    };
    calls.push(call);
    return call;
  }

  function add(piece: CallPiece): RoutedPiece {
    const { key, id } = piece;
    let call = callOf(piece);
    let { name, input } = piece;
    if (call?.end.isClosed && input === call.input) {
      // The whole arguments once more.
      input = '';
    } else if (call?.isRepeated && isFilled(input)) {
      name ||= call.name;
      call = undefined;
    } else if (call?.end.isClosed && name) {
      call.isRepeated = true;
    }
    const isNew = !call;
    call ??= open(piece);
    if (key !== undefined && (isNew || !byKey.has(key))) byKey.set(key, call);
    if (id && (isNew || !byId.has(id))) byId.set(id, call);
    last = call;
    call.id ||= id;
    // A name may be split, too: nothing else of a call repeats its start with another name.
    if (name !== call.name) call.name += name;
    joinFields(call.fields, piece.fields);
    joinFields(call.functionFields, piece.functionFields);
    append(call, input);
    return { call, input };
  }

  function append(call: OpenCall, input: string): void {
    if (!input) return;
    call.isCumulative &&= input.length >= call.lastInput.length && input.startsWith(call.lastInput);
    call.lastInput = input;
    call.isFilled ||= isFilled(input);
    call.input += input;
    call.end.push(input);
  }

  return { calls, add, append, byId: (id) => byId.get(id) };
}

function isFilled(input: string): boolean {
  return input.trim() !== '';
}

function isStart(input: string): boolean {
  return input.trimStart().startsWith('{');
}

/** Whether a piece with arguments begins an object, while those of the call have begun already. */
function beginsInput(call: OpenCall, { input }: CallPiece): boolean {
  return call.isFilled && isStart(input);
}

/**
 * Whether a piece that belongs to the call by its id or index opens another one with it.
 * @param isOther whether a name that differs, before any arguments, is that of another call, not the rest of a split one.
 */
function startsAgain(call: OpenCall, { name, input }: CallPiece, isOther: boolean): boolean {
  if (!name || !call.name) return false;
  if (call.end.isClosed) return name !== call.name || (isFilled(input) && input !== call.input);
  return name !== call.name && (call.isFilled || isOther);
}

/** The arguments of a call that is complete, as text. */
export function settledInput({ input, lastInput, isCumulative, isCustom }: OpenCall): string {
  if (isCustom || isJson(input)) return input;
  // Each piece was all so far.
  if (isCumulative && isJson(lastInput)) return lastInput;
  // An empty object that stood in for what came later.
  const rest = input.replace(/^\s*\{\s*\}/, '');
  return rest !== input && isJson(rest) ? rest : input;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
