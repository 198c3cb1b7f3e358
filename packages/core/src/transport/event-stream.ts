import { createParser } from 'eventsource-parser';
import { checkSize, limitError, LIMITS } from '../errors/limits.ts';
import type { Frame } from './frame.ts';

/**
 * Parses server-sent events whose lines end with LF. Returns a function that accepts the next piece of the text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 * @throws {LLMError} (from the returned function) with code `limit` for an event above 16 Mi characters.
 */
export function createEventStreamParser(onFrame: (frame: Frame) => void): (text: string) => void {
  const parser = createParser({
    maxBufferSize: LIMITS.frame,
    onEvent(message) {
      // The buffer is checked after each piece, which may have a whole event.
      checkSize('frame', message.data.length);
      if (message.data) onFrame(message);
    },
    onError({ type }) {
      // Unknown fields and an invalid `retry` are ignored, as the standard requires.
      if (type === 'max-buffer-size-exceeded') throw limitError('frame');
    },
  });
  // The parser removes a byte order mark that was decoded as Latin-1, if its first piece is long enough. TextDecoder has
  // already removed the real one.
  parser.feed('');
  return (text) => parser.feed(text);
}
