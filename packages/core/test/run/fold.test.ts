import type { StreamEvent } from '@rivulet/core';
import {
  array,
  assert,
  constantFrom,
  dictionary,
  nat,
  oneof,
  option,
  property,
  record,
  constant,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFold } from '../../src/run/fold.ts';

const names = constantFrom('a', 'b', '__proto__', 'constructor');
const metadata = dictionary(names, nat(3), { maxKeys: 2 });
const index = nat(3);

/** Tool calls have places of their own: a decoder opens a call before it writes arguments. */
const event: Arbitrary<StreamEvent> = oneof(
  record({
    type: constantFrom('text' as const, 'reasoning' as const),
    delta: constantFrom('', 'x', 'word '),
    index: option(index, { nil: undefined }),
    providerMetadata: option(metadata, { nil: undefined }),
  }),
  record({
    type: constant('data' as const),
    name: constant('state'),
    data: nat(3),
    index: option(index, { nil: undefined }),
  }),
  record({ type: constant('metadata' as const), metadata }),
  record({ type: constant('tool-call-start' as const), index: constant(9), id: constant('c'), name: constant('f') }),
);

describe('a fold', () => {
  it('is the same whenever it is looked at, and snapshots stay as they were', () => {
    assert(
      property(array(event, { maxLength: 30 }), array(nat(29)), nat(29), (events, looks, joins) => {
        const watched = createFold('m');
        const plain = createFold('m');
        const seen: { readonly value: unknown; readonly copy: unknown }[] = [];
        let late: ReturnType<typeof createFold> | undefined;
        for (const [at, each] of events.entries()) {
          if (at === joins) {
            late = createFold('m');
            for (const replayed of watched.replay()) late.apply(replayed);
          }
          for (const fold of [watched, plain, late]) fold?.apply(each);
          if (looks.includes(at)) {
            const value = watched.message();
            expect(watched.message()).toBe(value);
            seen.push({ value, copy: structuredClone(value) });
          }
        }
        expect(watched.message()).toEqual(plain.message());
        if (late) expect(late.message()).toEqual(plain.message());
        for (const { value, copy } of seen) expect(value).toEqual(copy);
      }),
      { numRuns: 500 },
    );
  });
});
