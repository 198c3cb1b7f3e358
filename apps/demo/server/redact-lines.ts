import { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Redactor } from '../../../packages/core/src/transport/redact.ts';

/** A longer line is passed on in pieces, so that a server cannot fill the memory. */
const MAX_LINE = 16 * 1024 * 1024;

/** Removes a key from a streamed answer, line by line: no frame of SSE or NDJSON has a line break within its JSON. */
export function redactLines(redactor: Redactor): Transform {
  const decoder = new StringDecoder('utf8');
  /** The pieces of a line whose end has not arrived. */
  let pieces: string[] = [];
  let size = 0;

  function take(): string {
    const line = redactor.text(pieces.join(''));
    pieces = [];
    size = 0;
    return line;
  }

  function push(piece: string): void {
    pieces.push(piece);
    size += piece.length;
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const [first = '', ...rest] = decoder.write(chunk).split('\n');
      let passed = '';
      push(first);
      for (const piece of rest) {
        passed += `${take()}\n`;
        push(piece);
      }
      if (size > MAX_LINE) passed += take();
      done(null, passed);
    },
    flush(done) {
      push(decoder.end());
      done(null, take());
    },
  });
}
