import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/wire/frame.ts';
import { splitFrames } from '../src/wire/split-frames.ts';

type Message = Pick<Frame, 'data' | 'event' | 'id'>;

/** What the reference parser makes of a text. It leaves an event alone that the text does not end. */
function referenceFrames(text: string): Message[] {
  const messages: Message[] = [];
  const parser = createParser({ onEvent: ({ data, event, id }) => messages.push({ data, event, id }) });
  parser.feed(`${text}\n\n`);
  return messages.filter(({ data }) => data !== '');
}

function framesOf(pieces: readonly Uint8Array[]): Message[] {
  const split = splitFrames('sse');
  return [...pieces, undefined].flatMap(split).map(({ data, event, id }) => ({ data, event, id }));
}

const value = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', ':', '{', '"', '\t'), maxLength: 6 });
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('data:', 'data: ', 'event:', 'event: ', 'id:', 'id: ', ':', ': ', 'retry:'), value)
    .map(([field, text]) => field + text),
  fc.constantFrom('data', 'event', 'id', 'nonsense', '', '', ''),
);
const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');
const stream = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 14 })
  .map((lines) => `data: first\n\n${lines.map(([text, end]) => text + end).join('')}`);

function cut(text: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const at = [0, bytes.length];
  for (const fraction of cuts) at.push(Math.floor(fraction * bytes.length));
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('the frames of an event stream', () => {
  it('are those of the reference parser, for any stream cut anywhere', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (text, cuts) => {
        expect(framesOf(cut(text, cuts))).toEqual(referenceFrames(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('are those of the reference parser, for a stream that comes byte by byte', () => {
    fc.assert(
      fc.property(stream, (text) => {
        expect(framesOf(Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte)))).toEqual(
          referenceFrames(text),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
