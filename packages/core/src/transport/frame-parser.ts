import { checkSize } from '../errors/limits.ts';
import { createEventStreamParser } from './event-stream.ts';
import type { Frame, Framing } from './frame.ts';
import { createJsonLineParser } from './json-lines.ts';
import { createLineEndNormalizer } from './line-ends.ts';

/** Accepts the next chunk of a body, or `undefined` at its end, and returns the frames that it completes. */
export type FrameSplitter = (chunk: Uint8Array | undefined) => Frame[];

const FIELDS = ['data:', 'event:', 'id:', 'retry:'];

/** Divides a body into frames. Any split of the bytes results in the same frames. */
export function splitFrames(framing: Framing): FrameSplitter {
  return framing === 'text' ? splitText() : splitLines(framing);
}

function splitText(): FrameSplitter {
  const decoder = new TextDecoder();
  return (chunk) => {
    const data = decoder.decode(chunk, { stream: !!chunk });
    return data ? [{ data }] : [];
  };
}

function splitLines(framing: 'sse' | 'ndjson'): FrameSplitter {
  const decoder = new TextDecoder();
  const normalizeLineEnds = createLineEndNormalizer();
  const createFrameParser = framing === 'sse' ? createEventStreamParser : createJsonLineParser;
  const parse = createFrameParser((frame) => frames.push(frame));
  let frames: Frame[] = [];
  let hasFrames = false;
  /** The text before the first frame: perhaps a document in place of a stream. */
  let start = '';
  let failure: unknown;

  function push(text: string): void {
    parse(text);
    hasFrames ||= frames.length > 0;
    if (hasFrames) return;
    start += text;
    checkSize('frame', start.length);
  }

  function end(): void {
    // Servers leave out the blank line of the last event, and the end of the last line.
    push('\n\n');
    if (hasFrames) frames = frames.map((frame) => ({ ...frame, isLast: true }));
    else if (isDocument(start)) frames = [{ data: start, isLast: isJSON(start) }];
  }

  return (chunk) => {
    if (failure) throw failure;
    frames = [];
    try {
      push(normalizeLineEnds(decoder.decode(chunk, { stream: !!chunk })));
      if (!chunk) end();
    } catch (error) {
      // The frames before the failure count, so it is thrown with the next chunk.
      if (!chunk || frames.length === 0) throw error;
      failure = error;
    }
    return frames;
  };
}

/** Whether a text without a frame is something else than the start of an event stream. */
function isDocument(text: string): boolean {
  const start = text.trim();
  return !start.startsWith(':') && !FIELDS.some((field) => start.startsWith(field) || field.startsWith(start));
}

function isJSON(text: string): boolean {
  return /^\s*[{[]/.test(text);
}
