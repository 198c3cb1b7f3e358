import { array, assert, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { growthOf, LINEAR } from '../../../core/test/support/growth.ts';
import { createSentenceReader } from '../../src/ui/complete-sentences.ts';

const endOf = (text: string): number => createSentenceReader().endOf(text);

test.each([
  ['One. Two', 'One.'],
  ['One', ''],
  ['One.', ''],
  ['3.5 km', ''],
  ['He said "No!" Then', 'He said "No!"'],
  ['Wait!!! What', 'Wait!!!'],
  ['Wait!"! What', 'Wait!"!'],
  ['a)b. c', 'a)b.'],
  ['川は流れる。そし', '川は流れる。'],
  ['「流れる。」そし', '「流れる。」'],
  ['A line\nthe next', 'A line\n'],
  ['Hm… well', 'Hm…'],
])('the whole sentences of %j are %j', (text, whole) => {
  expect(text.slice(0, endOf(text))).toBe(whole);
});

test('a text that grows has the same sentences as one that is read at once', () => {
  const piece = constantFrom('.', '!', '"', ')', ' ', '\n', 'a', '。', '」', '”', '…', '3');
  assert(
    property(array(piece, { maxLength: 40 }), string(), (pieces, other) => {
      const reader = createSentenceReader();
      reader.endOf(other);
      let text = other;
      let end = 0;
      for (const added of pieces) {
        text += added;
        end = reader.endOf(text);
      }
      expect(pieces.length > 0 ? end : endOf(text)).toBe(endOf(text));
    }),
  );
});

test('a shorter text is read from its start', () => {
  const reader = createSentenceReader();
  reader.endOf('One. Two. Three');
  expect(reader.endOf('One. T')).toBe(4);
});

test.each(['!', '."', '。', 'a', '! '])('a growing text of %j costs what is added', async (piece) => {
  const growth = await growthOf((count) => {
    const reader = createSentenceReader();
    const whole = piece.repeat(count);
    // Slices of one text, since an engine copies a text that is added to before it reads it.
    for (let length = piece.length; length <= whole.length; length += piece.length)
      reader.endOf(whole.slice(0, length));
  }, 5000);
  expect(growth).toBeLessThan(LINEAR);
});
