import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/wire/frame.ts';
import { sseFramer } from '../src/wire/sse.ts';

type Message = Pick<Frame, 'data' | 'event' | 'id'>;

/** What the reference parser makes of a text. It leaves an event alone that the text does not end. */
function referenceFrames(text: string): Message[] {
  const messages: Message[] = [];
  const parser = createParser({ onEvent: ({ data, event, id }) => messages.push({ data, event, id }) });
  parser.feed(`${text}\n\n`);
  return messages.filter(({ data }) => data !== '');
}

function framesOf(pieces: readonly string[]): Message[] {
  const framer = sseFramer();
  const frames: Frame[] = [];
  for (const piece of pieces) framer.push(piece, frames);
  framer.end(frames);
  return frames.map(({ data, event, id }) => ({ data, event, id }));
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
  .map((lines) => lines.map(([text, end]) => text + end).join(''));

function cut(text: string, cuts: readonly number[]): string[] {
  const at = [0, text.length];
  for (const fraction of cuts) at.push(Math.floor(fraction * text.length));
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, index) => text.slice(at[index], end));
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

  it('are those of the reference parser, for a stream that comes character by character', () => {
    fc.assert(
      fc.property(stream, (text) => {
        expect(framesOf(text.split(''))).toEqual(referenceFrames(text));
      }),
      { numRuns: 1000 },
    );
  });
});
