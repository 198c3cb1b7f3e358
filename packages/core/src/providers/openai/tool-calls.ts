import { createJsonEnd, type JsonEnd } from '../../json/json-end.ts';
import { filledText, identifier, record, recordOrThrow, textOrThrow } from '../../utils/read-value.ts';
import { argumentsText } from '../shared/call-fields.ts';
import { joinFields } from './kept-fields.ts';

/** A piece of a call, in one shape for all servers. */
export interface CallPiece {
  /** `undefined` if the server does not count the calls. */
  readonly key: string | number | undefined;
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

export interface RepeatedCall {
  readonly piece: CallPiece;
  readonly call: OpenCall | undefined;
}

export interface CallRouter {
  readonly calls: readonly OpenCall[];
  /**
   * Adds a piece to the call that it belongs to.
   * @param siblings the calls that earlier elements of the same list have named.
   */
  add(piece: CallPiece, siblings: Set<OpenCall>): RoutedPiece;
  /** Adds a call that is whole. */
  addWhole(piece: CallPiece): RoutedPiece;
  /** Finds for each call of a whole message the call that it repeats, if it does. */
  match(pieces: readonly CallPiece[]): readonly RepeatedCall[];
  /** Adds arguments that never got a name to the calls before them. */
  settle(): RoutedPiece[];
  /** Adds arguments to a call. */
  append(call: OpenCall, input: string): void;
}

/**
 * Reads one element of `tool_calls`, or `undefined` if it is `null`.
 * @throws {UnexpectedValueError} for a name or arguments of another type.
 */
export function readCallPiece(element: unknown, path: string): CallPiece | undefined {
  const wire = recordOrThrow(element, path);
  if (!wire) return undefined;
  const { index, id, type, function: called, custom, ...fields } = wire;
  const key = typeof index === 'number' || typeof index === 'string' ? index : undefined;
  const common = { key, id: identifier(id) ?? '' };
  const { name: flatName, arguments: flatInput, ...flatFields } = fields;
  // Moonshot has a type of its own for tools that run on its side.
  const word = filledText(type);
  const ownType = word && word !== 'function' && word !== 'custom' ? { type: word } : {};

  const customCall = record(custom);
  if (customCall) {
    const { name, input, ...functionFields } = customCall;
    return {
      ...common,
      name: textOrThrow(name, `${path}.custom.name`) ?? '',
      input: argumentsText(input, `${path}.custom.input`),
      isCustom: true,
      fields: { ...fields, ...ownType },
      functionFields,
    };
  }
  const functionCall = recordOrThrow(called, `${path}.function`);
  if (functionCall) {
    const { name, arguments: input, ...functionFields } = functionCall;
    return {
      ...common,
      name: textOrThrow(name, `${path}.function.name`) ?? '',
      input: argumentsText(input, `${path}.function.arguments`),
      isCustom: false,
      fields: { ...fields, ...ownType },
      functionFields,
    };
  }
  // Some servers leave out the object between.
  return {
    ...common,
    name: textOrThrow(flatName, `${path}.name`) ?? '',
    input: argumentsText(flatInput, `${path}.arguments`),
    isCustom: false,
    fields: { ...flatFields, ...ownType },
    functionFields: {},
  };
}

/**
 * Finds the call of each piece. OpenAI numbers the calls and sends id and name once; other servers send no index, the
 * same index for all calls, ids or names with each piece, or an index that counts something else.
 */
export function createCallRouter(): CallRouter {
  const calls: OpenCall[] = [];
  const byId = new Map<string, OpenCall>();
  const byKey = new Map<string | number, OpenCall>();
  /** The calls with the same name and arguments, of the first `comparable` calls. */
  const byContent = new Map<string, OpenCall[]>();
  let comparable = 0;
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
    if (key !== undefined)
      return last.name === name && isMiddle(last, piece) && !isStart(piece.input) ? last : undefined;
    if (!last.name) return last;
    const isOtherStart = last.name !== name || (!last.isFilled && !isFilled(piece.input));
    return isOtherStart || beginsInput(last, piece) || startsAgain(last, piece, true) ? undefined : last;
  }

  /** Some gateways make an id for each piece; then the arguments go on in the middle. */
  function withNewId(piece: CallPiece, indexed: OpenCall | undefined): OpenCall | undefined {
    const { key, name, input } = piece;
    const call = indexed ?? (name && key !== undefined ? undefined : last);
    if (!call) return undefined;
    if (!call.name) return indexed || !call.id ? call : undefined;
    if (name) {
      const isLateId = !call.id && !call.end.isClosed && name === call.name && indexed;
      return isLateId || (isMiddle(call, piece) && name === call.name) ? call : undefined;
    }
    if (indexed) return call.end.isClosed && isFilled(input) ? undefined : call;
    return isMiddle(call, piece) || (!call.isFilled && isFilled(input)) ? call : undefined;
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

  function add(piece: CallPiece, siblings: Set<OpenCall>): RoutedPiece {
    let call = callOf(piece);
    let { name, input } = piece;
    if (call && name && siblings.has(call) && isNextOf(call, piece)) {
      call = undefined;
    } else if (call?.end.isClosed && input === call.input) {
      // The whole arguments once more.
      input = '';
    } else if (call?.isRepeated && isFilled(input)) {
      name ||= call.name;
      call = undefined;
    } else if (call?.end.isClosed && name) {
      call.isRepeated = true;
    }
    const routed = put({ ...piece, name, input }, call);
    if (name) siblings.add(routed.call);
    return routed;
  }

  function put(piece: CallPiece, known: OpenCall | undefined): RoutedPiece {
    const { key, id, name, input } = piece;
    const call = known ?? open(piece);
    // Results are matched by id, so another call of the same id gets its own.
    call.id ||= known || !byId.has(id) ? id : `${id}_${calls.length}`;
    if (key !== undefined && (!known || !byKey.has(key))) byKey.set(key, call);
    if (id && (!known || !byId.has(id))) byId.set(id, call);
    last = call;
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

  function settle(): RoutedPiece[] {
    const added: RoutedPiece[] = [];
    let named: OpenCall | undefined;
    for (const call of calls) {
      const { name, input } = call;
      if (name) {
        named = call;
      } else if (named && isFilled(input) && input !== named.input) {
        append(named, input);
        added.push({ call: named, input });
      }
    }
    return added;
  }

  function match(pieces: readonly CallPiece[]): RepeatedCall[] {
    const found = new Map<CallPiece, OpenCall>();
    const taken = new Set<OpenCall>();

    function take(piece: CallPiece, call: OpenCall | undefined): void {
      if (!call || taken.has(call) || found.has(piece)) return;
      found.set(piece, call);
      taken.add(call);
    }

    for (const piece of pieces) take(piece, piece.id ? byId.get(piece.id) : undefined);
    pieces.forEach((piece, place) => {
      const call = calls[typeof piece.key === 'number' ? piece.key : place];
      if (call && isSameCall(call, piece)) take(piece, call);
    });
    if (found.size < pieces.length) indexContents();
    /** How many of the calls with the same content are taken, so that equal calls are not searched again. */
    const passed = new Map<string, number>();
    for (const piece of pieces) {
      if (found.has(piece)) continue;
      const content = contentOf(piece);
      const same = byContent.get(content) ?? [];
      let at = passed.get(content) ?? 0;
      for (let call = same[at]; call && taken.has(call); call = same[at]) at += 1;
      passed.set(content, at);
      take(piece, same[at]);
    }
    return pieces.map((piece) => ({ piece, call: found.get(piece) }));
  }

  /** Each call once: it is complete when a whole message repeats it. */
  function indexContents(): void {
    for (const call of calls.slice(comparable)) {
      const content = contentOf(call);
      const same = byContent.get(content);
      if (same) same.push(call);
      else byContent.set(content, [call]);
    }
    comparable = calls.length;
  }

  return { calls, add, addWhole: (piece) => put(piece, undefined), match, settle, append };
}

/** Whether a whole call may be the streamed one in its place. */
function isSameCall(call: OpenCall, { id, name, input }: CallPiece): boolean {
  if (name && name !== call.name) return false;
  return !id || !call.id || input.startsWith(call.input);
}

/** The name and the arguments, whatever the white space between them. */
function contentOf({ name, input }: { readonly name: string; readonly input: string }): string {
  try {
    return JSON.stringify([name, JSON.parse(input)]);
  } catch {
    return JSON.stringify([name, input]);
  }
}

function isFilled(input: string): boolean {
  return input.trim() !== '';
}

function isStart(input: string): boolean {
  return input.trimStart().startsWith('{');
}

/** Whether a piece with arguments begins those of another call, while those of the call have begun already. */
function beginsInput(call: OpenCall, { input }: CallPiece): boolean {
  return call.isFilled && isStart(input) && !call.end.expectsValue;
}

/** Whether the arguments of a piece go on within those of the call. */
function isMiddle(call: OpenCall, piece: CallPiece): boolean {
  return !call.end.isClosed && call.isFilled && isFilled(piece.input) && !beginsInput(call, piece);
}

/** Whether an element of a list is the next call, and not a piece of the call that an element before it has named. */
function isNextOf(call: OpenCall, { id, input }: CallPiece): boolean {
  if (call.end.isClosed) return isFilled(input);
  return id ? id !== call.id : !call.isFilled || isStart(input);
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
