import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/transport/frame.ts';
import { splitFrames } from '../../src/transport/frame-parser.ts';
import { toBytes } from '../support/client.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

type Message = Pick<Frame, 'data' | 'event' | 'id'>;

function framesOf(framing: 'sse' | 'ndjson', pieces: readonly Uint8Array[]): Frame[] {
  const split = splitFrames(framing);
  return [...pieces, undefined].flatMap((piece) => split(piece));
}

function messagesOf(pieces: readonly Uint8Array[]): Message[] {
  return framesOf('sse', pieces).map(({ data, event, id }) => ({ data, event, id }));
}

function framesIn(text: string): Frame[] {
  return framesOf('sse', [toBytes(text)]);
}

/** What a server wants to send. */
interface SentEvent {
  lines: string[];
  event?: string | undefined;
  id?: string | undefined;
}

/** A legal way to write an event down. */
interface Style {
  lineEnd: string;
  space: string;
  order: number[];
  noise: string[];
}

const character = fc.constantFrom(
  'a',
  'é',
  '漢',
  '😀',
  ' ',
  ':',
  '{',
  '"',
  '\t',
  '\u00ef',
  '\u00bb',
  '\u00bf',
  '\ufeff',
);
const value = fc.string({ unit: character, maxLength: 6 });
/** A colon may be followed by one space, which is not part of the value. */
const fieldValue = value.filter((text) => !text.startsWith(' '));
const event = fc.record<SentEvent>({
  lines: fc.array(fieldValue, { minLength: 1, maxLength: 4 }),
  event: fc.option(fieldValue, { nil: undefined }),
  id: fc.option(fieldValue, { nil: undefined }),
});
const noise = fc.oneof(
  value.map((text) => `:${text}`),
  fc.constantFrom('retry: 10', 'retry: soon', 'retry:', 'x-trace: 1', 'nonsense', 'Data: no', 'id: \0', 'data2: no'),
);
const style = fc.record<Style>({
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  space: fc.constantFrom('', ' '),
  order: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
  noise: fc.array(noise, { maxLength: 3 }),
});

/** The lines of an event: those of `data` in their order, everything else anywhere. */
function linesOf({ lines, event: name, id }: SentEvent, { space, order, noise: extra }: Style): string[] {
  // A field without a colon has an empty value.
  const all = lines.map((line, at) => (line || order[at]! % 2 ? `data:${space}${line}` : 'data'));
  const others = [...extra];
  if (name !== undefined) others.push(`event:${space}${name}`);
  if (id !== undefined) others.push(`id:${space}${id}`);
  others.forEach((line, at) => all.splice(order[at]! % (all.length + 1), 0, line));
  return all;
}

function serialize(events: readonly (readonly [SentEvent, Style])[], hasLastBlankLine: boolean): string {
  const blocks = events.map(([sent, { lineEnd, ...rest }]) =>
    [...linesOf(sent, { lineEnd, ...rest }), ''].map((line) => line + lineEnd).join(''),
  );
  const text = blocks.join('');
  return hasLastBlankLine ? text : text.replace(/(\r\n|\r|\n){1,2}$/, '');
}

/** What arrives of an event: one without data is not an event. */
function messageOf({ lines, event: name, id }: SentEvent): Message[] {
  const data = lines.join('\n');
  return data ? [{ data, event: name || undefined, id }] : [];
}

function cut(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const at = [0, bytes.length, ...fractions.map((fraction) => Math.floor(fraction * bytes.length))];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const stream = fc.tuple(
  fc.array(fc.tuple(event, style), { maxLength: 5 }),
  fc.boolean(),
  fc.constantFrom('', '\ufeff'),
);
const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

describe('the frames of an event stream', () => {
  it('are the events that were written, in any legal way, cut anywhere', () => {
    fc.assert(
      fc.property(stream, fractions, ([events, hasLastBlankLine, mark], cuts) => {
        const first = ': a stream\n\n';
        const bytes = toBytes(mark + first + serialize(events, hasLastBlankLine));

        expect(messagesOf(cut(bytes, cuts))).toEqual(events.flatMap(([sent]) => messageOf(sent)));
      }),
      { numRuns: 3000 },
    );
  });

  it('are the events that were written, byte by byte', () => {
    fc.assert(
      fc.property(stream, ([events, hasLastBlankLine, mark]) => {
        const bytes = toBytes(`${mark}: a stream\n\n${serialize(events, hasLastBlankLine)}`);

        expect(messagesOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(
          events.flatMap(([sent]) => messageOf(sent)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, string, Message[]]>([
    ['an id of its own event alone', 'id: 1\ndata: a\n\ndata: b\n\n', [{ data: 'a', id: '1' }, { data: 'b' }]],
    ['an id that is empty', 'id\ndata: a\n\n', [{ data: 'a', id: '' }]],
    ['no id that has a NUL', 'id: a\0b\ndata: a\n\n', [{ data: 'a' }]],
    ['no event without data', 'event: ping\nid: 4\n\ndata: a\n\n', [{ data: 'a' }]],
    ['no event with empty data', 'event: ping\ndata:\n\ndata: a\n\n', [{ data: 'a' }]],
    ['an empty line of data', 'data: a\ndata\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['the last `event` of several', 'event: a\nevent: b\ndata: c\n\n', [{ data: 'c', event: 'b' }]],
    ['no `retry` that is not a number', 'retry: soon\ndata: a\n\n', [{ data: 'a' }]],
  ])('have %s', (_, text, expected) => {
    const none = { event: undefined, id: undefined };
    const pieces = [[toBytes(`: a stream\n\n${text}`)], [toBytes('\ufeff'), toBytes(`:\n\n${text}`)]];
    for (const each of pieces) expect(messagesOf(each)).toEqual(expected.map((message) => ({ ...none, ...message })));
  });

  it('are the same for any split of a start that looks like a byte order mark in Latin-1', () => {
    const bytes = toBytes('\u00ef\u00bb\u00bfdata: a\n\ndata: b\n\n');

    expect(messagesOf([bytes])).toEqual(messagesOf(Array.from(bytes, (byte) => Uint8Array.of(byte))));
  });

  it('arrive with the CR that completes them', () => {
    const split = splitFrames('sse');

    expect(split(toBytes('data: a\r\r'))).toMatchObject([{ data: 'a' }]);
    expect(split(toBytes('\ndata: b\r\n\r'))).toMatchObject([{ data: 'b' }]);
    expect(split(toBytes('\n'))).toEqual([]);
    expect(split(undefined)).toEqual([]);
  });

  it.each(['data: a\n\ndata: b', 'data: a\n\ndata: b\n', 'data: a\n\ndata: b\r', 'data: a\n\ndata: b\r\n'])(
    'are marked where the end of the body may have cut them: %j',
    (text) => {
      expect(framesIn(text).map(({ data, isLast }) => [data, !!isLast])).toEqual([
        ['a', false],
        ['b', true],
      ]);
    },
  );

  it('are not marked where a blank line ends them', () => {
    expect(framesIn('data: a\n\ndata: b\n\n').map(({ isLast }) => !!isLast)).toEqual([false, false]);
  });
});

describe('a body without a frame', () => {
  it.each(['', '\n', 'd', 'data', 'data:', 'event: message', ': ping\n\n', ':', 'retry: 1', '\r\n\r\n'])(
    'has no frame where it may be the start of an event stream: %j',
    (text) => {
      expect(framesIn(text)).toEqual([]);
    },
  );

  it.each([
    ['<html>\n<p>Sign in</p>', false],
    ['upstream: not found', false],
    ['data event', false],
    ['{\r\n"error":\r\n{}}', true],
    [' [1]', true],
  ])('is one frame where it is something else: %j', (text, isLast) => {
    const [frame, ...more] = framesIn(text);

    expect(frame?.data.trim()).toBe(text.trim().replaceAll('\r\n', '\n'));
    expect(!!frame?.isLast).toBe(isLast);
    expect(more).toEqual([]);
  });
});

describe('a frame above 16 MiB', () => {
  const long = 'x'.repeat(2 ** 20);

  it.each([
    ['a line of data', [`data: ${long}`, ...Array.from({ length: 16 }, () => long)]],
    ['the lines of its data together', Array.from({ length: 17 }, () => `data: ${long}\n`)],
    ['an id', [`id: ${long}`, ...Array.from({ length: 16 }, () => long)]],
    ['a comment', [`:${long}`, ...Array.from({ length: 16 }, () => long)]],
    ['the name of a field', Array.from({ length: 17 }, () => long)],
    ['one piece', [`data: ${long.repeat(17)}\n\n`]],
  ])('is rejected for %s, after the frames before it', (_, pieces) => {
    const split = splitFrames('sse');
    const frames: Frame[] = [];
    const [first = '', ...rest] = pieces;

    expect(() => {
      for (const piece of [`data: before\n\n${first}`, ...rest]) frames.push(...split(toBytes(piece)));
      split(undefined);
    }).toThrow(expect.objectContaining({ code: 'limit', limit: 'frame' }));
    expect(frames.map(({ data }) => data)).toEqual(['before']);
  });

  it('is rejected for a line of JSON', () => {
    const split = splitFrames('ndjson');

    expect(split(toBytes(`{}\n"${long}`))).toMatchObject([{ data: '{}' }]);
    expect(() => {
      for (let count = 0; count < 16; count += 1) split(toBytes(long));
    }).toThrow(expect.objectContaining({ code: 'limit', limit: 'frame' }));
  });

  it('does not count comments and events that have ended', () => {
    const split = splitFrames('sse');
    split(toBytes('data: a\n\n'));

    for (let count = 0; count < 20; count += 1) expect(split(toBytes(`:${long}\nid: ${long}\n`))).toEqual([]);

    expect(split(toBytes('data: b\n\n'))).toMatchObject([{ data: 'b' }]);
  });
});

describe('the cost of an event stream', () => {
  it.each<[string, (length: number) => Uint8Array[]]>([
    ['CRLF in one chunk', (length) => [toBytes('data: a\r\n\r\n'.repeat(length / 8))]],
    ['CR in one chunk', (length) => [toBytes('data: a\r\r'.repeat(length / 8))]],
    ['LF in one chunk behind one CR', (length) => [toBytes(`:\r${'data: a\n\n'.repeat(length / 8)}`)]],
    ['LF in one chunk before one CR', (length) => [toBytes(`${'data: a\n\n'.repeat(length / 8)}:\r`)]],
    ['CR alone', (length) => [toBytes('\r'.repeat(length))]],
    ['one event in small chunks', (length) => Array.from({ length: length / 8 }, () => toBytes('data: a\n'))],
    ['one line in small chunks', (length) => Array.from({ length: length / 8 }, () => toBytes('xxxxxxxx'))],
    ['lines without a frame', (length) => Array.from({ length: length / 64 }, () => toBytes('xxxxxx\r\n'))],
  ])('is linear: %s', async (_, write) => {
    const growth = await growthOf((length) => framesOf('sse', write(length)), 2 ** 16);

    expect(growth).toBeLessThan(LINEAR);
  });
});
