import { array, assert, constant, constantFrom, json, oneof, property, record } from 'fast-check';
import { immutableJSONPatch, type JSONPatchDocument } from 'immutable-json-patch';
import { describe, expect, it } from 'vitest';
import { createPatchedDocument } from '../../../src/providers/ag-ui/json-patch.ts';

/** Makes every change of what a reader has an error. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

const INITIAL = { a: [{ b: [1, 2] }, 'x'], b: { a: { a: 1 } }, 0: 'zero' };

const step = constantFrom('a', 'b', '0', '1', '~0', '~1', '');
const pointer = array(step, { maxLength: 4 }).map((steps) => steps.map((one) => `/${one}`).join(''));
const value = oneof(
  json({ maxDepth: 2 }).map((text): unknown => JSON.parse(text)),
  constant({ a: [0] }),
);
const operation = record({
  op: constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: pointer,
  from: pointer,
  value,
});

describe('a patched document', () => {
  it('is what an implementation of JSON Patch makes of it, and readers see no change', () => {
    assert(
      property(array(array(operation, { maxLength: 3 }), { maxLength: 6 }), (patches) => {
        let expected: unknown = structuredClone(INITIAL);
        const document = createPatchedDocument(freeze(structuredClone(INITIAL)));
        for (const patch of patches) {
          try {
            document.apply(patch, 'delta');
          } catch {
            return;
          }
          const roots = patch.some(({ op, path, from }) => [path, op === 'move' && from].includes(''));
          // The document as a whole is read differently by the two.
          if (roots) return;
          expected = immutableJSONPatch(expected, patch as JSONPatchDocument);
          if (document.isDue) expect(freeze(document.share())).toEqual(expected);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps the identity of values that no patch has changed', () => {
    const document = createPatchedDocument(freeze({ kept: {}, changed: { list: [], kept: {} } }));
    const before = document.share() as { kept: object; changed: { list: object; kept: object } };
    document.apply([{ op: 'add', path: '/changed/list/-', value: 1 }], 'delta');
    const after = document.share() as typeof before;

    expect(after).toEqual({ kept: {}, changed: { list: [1], kept: {} } });
    expect(after.kept).toBe(before.kept);
    expect(after.changed.kept).toBe(before.changed.kept);
    expect(after.changed.list).not.toBe(before.changed.list);
  });

  it('keeps a copy apart from its source', () => {
    const document = createPatchedDocument({ a: { list: [1] } });
    const operations = [
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'add', path: '/b/list/-', value: 2 },
      { op: 'replace', path: '/a/list/0', value: 0 },
    ];
    document.apply(operations, 'delta');

    expect(document.share()).toEqual({ a: { list: [0] }, b: { list: [1, 2] } });
  });

  it('reads an absent value as null, because some encoders drop it', () => {
    const document = createPatchedDocument({ a: 1 });
    const operations = [
      { op: 'replace', path: '/a' },
      { op: 'test', path: '/a' },
    ];
    document.apply(operations, 'delta');

    expect(document.share()).toEqual({ a: null });
  });

  it.each([
    [{ op: 'move', from: '/a', path: '/a/0/b' }],
    [{ op: 'move', from: '', path: '/b' }],
    [{ op: 'move', from: '/nowhere', path: '/b' }],
    [{ op: 'copy', path: '/b' }],
    [{ op: 'add', path: '/a/01', value: 1 }],
    [{ op: 'add', path: '/a/3', value: 1 }],
    [{ op: 'add', path: '/a/-1', value: 1 }],
    [{ op: 'add', path: '/a/1e0', value: 1 }],
    [{ op: 'add', path: '/a/length', value: 0 }],
    [{ op: 'add', path: '/0/length', value: 1 }],
    [{ op: 'replace', path: '/a/-', value: 1 }],
    [{ op: 'remove', path: '/a/-' }],
    [{ op: 'remove', path: '/a/2' }],
    [{ op: 'replace', path: '/toString', value: 1 }],
    [{ op: 'remove', path: '/constructor' }],
    [{ op: 'test', path: '/valueOf', value: {} }],
    [{ op: 'test', path: '/0', value: 'one' }],
    [{ op: 'test', path: '/b', value: { a: { b: 1 } } }],
    [{ op: 'add', path: '/b/__proto__/a', value: 1 }],
    [{ op: 'copy', from: '/__proto__', path: '/b' }],
  ])('refuses %j', (one) => {
    const document = createPatchedDocument(freeze(structuredClone(INITIAL)));

    expect(() => document.apply([one], 'delta')).toThrow(/^delta\[0\]\.(path|from|value) (is|contains|leads) /);
    expect(document.isChanged).toBe(false);
  });

  it.each<[object, string]>([
    [
      { op: 'replace', path: '/b/none/x', value: 1 },
      'delta[0].path contains "none", which the document does not have there',
    ],
    [{ op: 'add', path: '/0/x/y', value: 1 }, 'delta[0].path leads into a value that is neither a list nor an object'],
    [{ op: 'test', path: '', value: 1 }, 'delta[0].value is not equal to the value in the document'],
    [{ op: 'move', from: '/b', path: '/b/c' }, 'delta[0].path is within the value that is moved'],
    [{ op: 'add', path: 'b', value: 1 }, 'delta[0].path is a string instead of a JSON Pointer'],
  ])('explains why %j does not fit', (one, message) => {
    expect(() => createPatchedDocument(structuredClone(INITIAL)).apply([one], 'delta')).toThrow(message);
  });

  it.each<[string, unknown]>([
    ['a text', 'x'.repeat(20_000)],
    ['a list', Array.from({ length: 1000 }, () => 'word')],
    ['objects', Array.from({ length: 1000 }, (_, id) => ({ id }))],
  ])('copies %s to the same place as often as it is told', (_, source) => {
    const document = createPatchedDocument({ source });
    const copy = { op: 'copy', from: '/source', path: '/target' };
    for (let count = 0; count < 5000; count += 1) document.apply([copy], 'delta');

    expect(document.share()).toEqual({ source, target: source });
  });

  it('refuses patches that copy and change a wide object by turns without an end', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, { wide: index }]));
    const document = createPatchedDocument({ outer: { wide } });
    const patch = [
      { op: 'copy', from: '/outer', path: '/copy' },
      { op: 'add', path: '/outer/wide/last', value: 1 },
    ];

    expect(() => {
      for (let count = 0; count < 500; count += 1) document.apply(patch, 'delta');
    }).toThrow(expect.objectContaining({ code: 'limit' }));
  });

  it('copies a wide list once for many operations, and shows it when they have paid for that', () => {
    const document = createPatchedDocument({ list: Array.from({ length: 10_000 }, (_, index) => index) });
    document.share();
    let shown = 0;
    for (let index = 0; index < 1000; index += 1) {
      document.apply([{ op: 'add', path: '/list/-', value: index }], 'delta');
      if (!document.isDue) continue;
      document.share();
      shown += 1;
    }

    expect(shown).toBeGreaterThan(20);
    expect(shown).toBeLessThan(100);
    expect((document.share() as { list: unknown[] }).list).toHaveLength(11_000);
  });
});
