import { LLMError } from '../../errors/error.ts';
import { list, record, textOrThrow, UnexpectedValueError } from '../../utils/read-value.ts';
import { excerpt } from '../../utils/excerpt.ts';

type Container = unknown[] | Record<string, unknown>;

/** The shortest operation of a patch has about this many characters. */
const OPERATION_SIZE = 32;

/** How many values may be copied after a `copy` has shared them, besides those that the operations pay for. */
const MAX_COPIED = 2 * 2 ** 20;

/** A JSON document that patches change. Values that were shared with readers are not changed, but replaced. */
export interface PatchedDocument {
  /**
   * Applies the operations of a JSON Patch. https://www.rfc-editor.org/rfc/rfc6902
   * @param path where the operations are, for the error.
   * @throws {UnexpectedValueError} for a patch that does not fit the document.
   */
  apply(operations: unknown, path: string): void;
  /** Whether it has changes that readers have not seen. */
  readonly isChanged: boolean;
  /**
   * Whether readers should see it now. To show a list or an object costs a copy with the next change, so wide ones are
   * shown after as many operations as pay for that.
   */
  readonly isDue: boolean;
  /** The document for readers. Values that no patch has changed since the last call are the same objects. */
  share(): unknown;
}

export function createPatchedDocument(initial: unknown): PatchedDocument {
  let root: unknown = initial ?? {};
  /** Lists and objects that no reader has seen: they can be changed in place. */
  let own = new WeakMap<object, Container>();
  let copyCost = 0;
  let paid = 0;
  /** Whether a `copy` has shared values that could be changed in place before. */
  let hasShared = false;
  let sharedCost = 0;
  let isChanged = false;

  function changeable(value: unknown): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const known = own.get(value);
    if (known) return known;
    const copy: Container = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    // To copy an element of a list costs less than to read a character.
    const cost = Array.isArray(copy) ? copy.length / 16 : Object.keys(copy).length;
    copyCost += cost;
    if (hasShared) sharedCost += cost;
    if (sharedCost > MAX_COPIED) {
      throw new LLMError('The patches of a state copy too much', { code: 'limit', limit: 'run' });
    }
    own.set(copy, copy);
    return copy;
  }

  /** The list or object that contains the last step of a path, ready for a change. */
  function openParent(steps: readonly string[], at: string): Container {
    let parent = changeable(root);
    if (!parent) throw notContainer(at);
    root = parent;
    for (const step of steps.slice(0, -1)) {
      const child = changeable(memberOf(parent, step, at));
      if (!child) throw notContainer(at);
      setMember(parent, step, child, at);
      parent = child;
    }
    return parent;
  }

  function valueAt(steps: readonly string[], at: string): unknown {
    let value = root;
    for (const step of steps) value = memberOf(value, step, at);
    return value;
  }

  function add(steps: readonly string[], value: unknown, at: string): void {
    const last = steps.at(-1);
    if (last === undefined) {
      root = value;
      return;
    }
    const parent = openParent(steps, at);
    if (!Array.isArray(parent)) parent[last] = value;
    else if (last === '-') parent.push(value);
    else {
      const index = indexIn(last);
      if (index === undefined || index > parent.length) throw missingStep(at, last);
      if (index === parent.length) parent.push(value);
      else parent.splice(index, 0, value);
    }
  }

  function replace(steps: readonly string[], value: unknown, at: string): void {
    const last = steps.at(-1);
    if (last === undefined) {
      root = value;
      return;
    }
    const parent = openParent(steps, at);
    memberOf(parent, last, at);
    setMember(parent, last, value, at);
  }

  function remove(steps: readonly string[], at: string): unknown {
    const last = steps.at(-1);
    if (last === undefined) {
      const removed = root;
      root = null;
      return removed;
    }
    const parent = openParent(steps, at);
    const removed = memberOf(parent, last, at);
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
    return removed;
  }

  /** The value, to be at a second place: it is no longer changed in place. What no patch may change is left alone. */
  function share(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    hasShared = true;
    if (!own.delete(value)) return value;
    for (const member of Object.values(value)) share(member);
    return value;
  }

  function applyOne(operation: unknown, at: string): void {
    const fields = record(operation);
    if (!fields) throw new UnexpectedValueError(at, 'an operation of a JSON Patch', operation);
    const { op, path, from, value = null } = fields;
    const steps = stepsOf(path, `${at}.path`);
    switch (op) {
      case 'add':
        return add(steps, value, `${at}.path`);
      case 'replace':
        return replace(steps, value, `${at}.path`);
      case 'remove':
        remove(steps, `${at}.path`);
        return;
      case 'copy':
        return add(steps, share(valueAt(stepsOf(from, `${at}.from`), `${at}.from`)), `${at}.path`);
      case 'move': {
        const source = stepsOf(from, `${at}.from`);
        if (source.length < steps.length && source.every((step, index) => step === steps[index])) {
          throw new PatchError(`${at}.path`, 'is within the value that is moved', path);
        }
        return add(steps, remove(source, `${at}.from`), `${at}.path`);
      }
      case 'test':
        if (!isSame(valueAt(steps, `${at}.path`), value)) {
          throw new PatchError(`${at}.value`, 'is not equal to the value in the document', value);
        }
        return;
      default:
        throw new UnexpectedValueError(`${at}.op`, 'an operation of a JSON Patch', op);
    }
  }

  return {
    apply(operations, path) {
      if (!Array.isArray(operations)) throw new UnexpectedValueError(path, 'a list of operations', operations);
      list(operations).forEach((operation, index) => applyOne(operation, `${path}[${index}]`));
      paid += operations.length * OPERATION_SIZE;
      sharedCost = Math.max(0, sharedCost - operations.length * OPERATION_SIZE);
      isChanged = true;
    },
    get isChanged() {
      return isChanged;
    },
    get isDue() {
      return isChanged && paid >= copyCost;
    },
    share() {
      own = new WeakMap();
      hasShared = false;
      copyCost = 0;
      paid = 0;
      isChanged = false;
      return root;
    },
  };
}

/** The steps of a JSON Pointer. https://www.rfc-editor.org/rfc/rfc6901 */
function stepsOf(pointer: unknown, at: string): readonly string[] {
  const path = textOrThrow(pointer, at);
  if (path === '') return [];
  if (!path?.startsWith('/')) throw new UnexpectedValueError(at, 'a JSON Pointer', pointer);
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  // It would change what the object inherits.
  if (steps.includes('__proto__')) throw new UnexpectedValueError(at, 'a path without __proto__', pointer);
  return steps;
}

/** A patch whose values have the right types, and which does not fit the document. */
class PatchError extends UnexpectedValueError {
  constructor(at: string, problem: string, value: unknown) {
    super(at, problem, value);
    this.message = `${at} ${problem}`;
  }
}

function missingStep(at: string, step: string): PatchError {
  return new PatchError(at, `contains ${JSON.stringify(excerpt(step))}, which the document does not have there`, step);
}

function notContainer(at: string): PatchError {
  return new PatchError(at, 'leads into a value that is neither a list nor an object', undefined);
}

function indexIn(step: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(step) ? Number(step) : undefined;
}

function memberOf(container: unknown, step: string, at: string): unknown {
  if (Array.isArray(container)) {
    const index = indexIn(step);
    if (index === undefined || index >= container.length) throw missingStep(at, step);
    return (container as readonly unknown[])[index];
  }
  const members = record(container);
  if (!members || !Object.hasOwn(members, step)) throw missingStep(at, step);
  return members[step];
}

function setMember(container: Container, step: string, value: unknown, at: string): void {
  if (!Array.isArray(container)) {
    container[step] = value;
    return;
  }
  const index = indexIn(step);
  if (index === undefined) throw missingStep(at, step);
  container[index] = value;
}

/** Whether two JSON values are equal. Costs no more than the second one. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, index) => isSame(element, other[index]));
  }
  const members = record(one);
  const others = record(other);
  if (!members || !others) return one === other;
  const names = Object.keys(others);
  return (
    Object.keys(members).length === names.length &&
    names.every((name) => Object.hasOwn(members, name) && isSame(members[name], others[name]))
  );
}
