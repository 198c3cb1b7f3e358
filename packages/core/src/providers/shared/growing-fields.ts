import { ownValue, record, type UnknownRecord } from '../../utils/read-value.ts';

/** The shortest field on a wire has about this many characters: `"a":1,` in an event of its own. */
const FIELD_SIZE = 32;

/** Fields of nested objects that are merged by their names. Objects that were shared with readers are not changed, but replaced. */
export interface GrowingFields {
  /** Merges these fields into those before. */
  add(fields: UnknownRecord): void;
  /** Whether there are changes that readers have not seen. */
  readonly isChanged: boolean;
  /**
   * Whether readers should see the changes now. To show a wide object costs a copy with the next change, so it is shown
   * after as many fields as pay for that.
   */
  readonly isDue: boolean;
  /** The fields of the first level that have changed since the last call. */
  share(): Record<string, unknown>;
}

/** @param levels how many levels of objects are merged. Deeper ones are replaced. */
export function createGrowingFields(levels: number, initial: UnknownRecord = {}): GrowingFields {
  const root = new Map<string, unknown>(Object.entries(initial));
  const changed = new Set<string>();
  /** Objects that no reader has seen: they can be changed in place. */
  let own = new WeakMap<object, Record<string, unknown>>();
  let copyCost = 0;
  let paid = 0;

  function changeable(value: UnknownRecord): Record<string, unknown> {
    const known = own.get(value);
    if (known) return known;
    const copy = { ...value };
    copyCost += Object.keys(copy).length;
    own.set(copy, copy);
    return copy;
  }

  function merged(known: unknown, added: unknown, level: number): unknown {
    const before = record(known);
    const after = record(added);
    if (!before || !after || level >= levels) return added;
    const fields = Object.entries(after).filter(([name, value]) => ownValue(before, name) !== value);
    if (fields.length === 0) return known;
    const target = changeable(before);
    for (const [name, value] of fields) setField(target, name, merged(ownValue(target, name), value, level + 1));
    paid += fields.length * FIELD_SIZE;
    return target;
  }

  return {
    add(fields) {
      for (const [name, value] of Object.entries(fields)) {
        const known = root.get(name);
        const paidBefore = paid;
        const next = merged(known, value, 1);
        // An object that no reader has seen is changed in place.
        if (next === known && paid === paidBefore) continue;
        root.set(name, next);
        changed.add(name);
        paid += FIELD_SIZE;
      }
    },
    get isChanged() {
      return changed.size > 0;
    },
    get isDue() {
      return changed.size > 0 && paid >= copyCost;
    },
    share() {
      const fields = Object.fromEntries(Array.from(changed, (name) => [name, root.get(name)]));
      changed.clear();
      own = new WeakMap();
      copyCost = 0;
      paid = 0;
      return fields;
    },
  };
}

/** Names come from outside, and `__proto__` is one like any other. */
function setField(fields: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
}
