import { LimitError, ParseError } from '../error.ts';
import { excerpt } from './excerpt.ts';
import type { Frame, Framer, Framing } from './frame.ts';
import { sseFramer } from './sse.ts';

/** The most that one answer may have, in bytes. */
const MAX_BODY = 64 * 2 ** 20;

const framers: Record<Framing, () => Framer> = { sse: sseFramer };

/** Gives for each chunk of a body the frames that it completes; `undefined` is the end. Any split gives the same. */
export function splitFrames(framing: Framing, server: string): (chunk: Uint8Array | undefined) => Frame[] {
  const decoder = new TextDecoder();
  const framer = framers[framing]();
  let start = '';
  let hasFrames = false;
  let size = 0;
  return (chunk) => {
    const frames: Frame[] = [];
    const text = decoder.decode(chunk, { stream: !!chunk });
    size += chunk?.length ?? 0;
    if (size > MAX_BODY) throw new LimitError(`${server} sent more than ${MAX_BODY / 2 ** 20} MiB`, { limit: 'run' });
    if (!hasFrames) start += text;
    framer.push(text, frames);
    if (!chunk) framer.end(frames);
    hasFrames ||= frames.length > 0;
    if (!chunk && !hasFrames) {
      // A server that ignores `stream` answers one JSON document: it is one frame.
      if (/^\s*[{[]/.test(start)) frames.push({ data: start, isLast: true });
      // What begins like no field of SSE (data, event, id, retry, a comment) is no stream; anything else was cut.
      else if (/^\s*[^\s:deir]/.test(start)) {
        throw new ParseError(`${server} sent no stream; check its address: ${excerpt(start)}`);
      }
    }
    return frames;
  };
}
