import type { Frame } from './frame.ts';
import { sseFramer } from './sse.ts';

/** Whether a text without a whole frame may be the start of a stream, and so only cut. */
function isCut(start: string): boolean {
  return [':', 'data:', 'event:', 'id:', 'retry:'].some((field) => start.startsWith(field) || field.startsWith(start));
}

/** Gives for each chunk of a body the frames that it completes; `undefined` is the end. Any split gives the same. */
export function splitFrames(): (chunk: Uint8Array | undefined) => Frame[] {
  const decoder = new TextDecoder();
  const framer = sseFramer();
  let start = '';
  let hasFrames = false;
  return (chunk) => {
    const frames: Frame[] = [];
    const text = decoder.decode(chunk, { stream: !!chunk });
    framer.push(text, frames);
    if (!hasFrames) start += text;
    if (!chunk) framer.end(frames);
    hasFrames ||= frames.length > 0;
    // A server that ignores `stream` answers one JSON document: it is one frame. So is a page of some proxy, to be
    // quoted.
    if (!chunk && !hasFrames && !isCut(start.trim())) frames.push({ data: start, isLast: /^\s*[{[]/.test(start) });
    return frames;
  };
}
