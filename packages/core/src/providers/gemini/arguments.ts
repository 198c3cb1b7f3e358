import { recordOrThrow, textOrThrow, UnexpectedValueError, type UnknownRecord } from '../../utils/read-value.ts';

const PIECE = 'functionCall.partialArgs[]';

/** As deep as JSON may be nested. */
const MAX_DEPTH = 512;

/** One step of a path: `.name`, `[0]`, `['name']` or `["name"]`. */
const STEP = /\.([^.[]+)|\[(\d+)\]|\['([^'\\]*(?:\\[^][^'\\]*)*)'\]|\["([^"\\]*(?:\\[^][^"\\]*)*)"\]/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

type Step = string | number;

/**
 * Puts a piece of streamed arguments at its path in `root`; strings grow. Every name is data: inherited properties are
 * neither read nor written, whatever prototype the objects in `root` have.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/PartialArg
 * @throws {UnexpectedValueError} for a value of another type than its field, and for a path that is not one of RFC 9535,
 * that leads through a value or leaves a hole in a list.
 */
export function putArgument(root: object, piece: unknown): void {
  const fields = recordOrThrow(piece, PIECE);
  if (!fields) return;
  const { jsonPath } = fields;
  const path = parsePath(jsonPath);
  let container = root;
  path.forEach((step, depth) => {
    const key = keyIn(container, step, jsonPath);
    const known = Object.hasOwn(container, key) ? (container as UnknownRecord)[key] : undefined;
    const next = path[depth + 1];
    if (next === undefined) {
      const value = valueOf(fields, known);
      if (typeof known === 'object' && known !== null && value !== known) throw pathError(jsonPath);
      define(container, key, value);
      return;
    }
    const child = known ?? (typeof next === 'number' ? [] : {});
    if (typeof child !== 'object') throw pathError(jsonPath);
    if (child !== known) define(container, key, child);
    container = child;
  });
}

/** Puts whole arguments into `root`. */
export function putArguments(root: object, args: UnknownRecord): void {
  for (const [name, value] of Object.entries(args)) define(root, name, value);
}

function parsePath(jsonPath: unknown): readonly Step[] {
  const given = textOrThrow(jsonPath, `${PIECE}.jsonPath`) ?? '';
  const steps = given.startsWith('$') ? given.slice(1) : given;
  const source = /^[.[]/.test(steps) ? steps : `.${steps}`;
  const path: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < source.length) {
    const match = STEP.exec(source);
    if (!match || path.length === MAX_DEPTH) throw pathError(jsonPath);
    const [, name, index, quoted, doubly] = match;
    path.push(index === undefined ? (name ?? unescape(quoted ?? doubly ?? '')) : Number(index));
  }
  return path;
}

/** https://www.rfc-editor.org/rfc/rfc9535#name-name-selector */
function unescape(name: string): string {
  return name.replace(/\\(?:u([\da-f]{4})|([^]))/gi, (_, code: string | undefined, char = '') =>
    code === undefined ? (ESCAPES.get(char as string) ?? (char as string)) : String.fromCharCode(parseInt(code, 16)),
  );
}

/** The key of a step in a list or an object. A list grows by one element at a time. */
function keyIn(container: object, step: Step, jsonPath: unknown): string {
  if (!Array.isArray(container)) {
    if (typeof step === 'number') throw pathError(jsonPath);
    return step;
  }
  const index = typeof step === 'string' && /^\d+$/.test(step) ? Number(step) : step;
  if (typeof index !== 'number' || index > container.length) throw pathError(jsonPath);
  return String(index);
}

function valueOf(fields: UnknownRecord, known: unknown): unknown {
  const piece = textOrThrow(fields['stringValue'], `${PIECE}.stringValue`);
  const number = fields['numberValue'] ?? undefined;
  const flag = fields['boolValue'] ?? undefined;
  if (number !== undefined && typeof number !== 'number') {
    throw new UnexpectedValueError(`${PIECE}.numberValue`, 'a number', number);
  }
  if (flag !== undefined && typeof flag !== 'boolean') {
    throw new UnexpectedValueError(`${PIECE}.boolValue`, 'a boolean', flag);
  }
  if (piece !== undefined) return typeof known === 'string' ? known + piece : piece;
  const value = number ?? flag;
  if (value !== undefined) return value;
  // A piece without a value may only mark the end of a string.
  return Object.hasOwn(fields, 'nullValue') ? null : (known ?? null);
}

/** An assignment to `__proto__` would replace the prototype. */
function define(container: object, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
}

function pathError(jsonPath: unknown): UnexpectedValueError {
  return new UnexpectedValueError(`${PIECE}.jsonPath`, 'a path to a value of the arguments', jsonPath);
}
