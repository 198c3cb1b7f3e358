import { LimitError, ParseError } from '../error.ts';
import { excerpt } from './excerpt.ts';
import { frameLimitError, MAX_FRAME, type Frame, type Framer, type Framing } from './frame.ts';
import { sseFramer } from './sse.ts';

/** The most that one answer may have, in bytes. */
const MAX_BODY = 64 * 2 ** 20;

/** As much of the start as is kept to quote, in characters. */
const QUOTED = 500;

const framers: Record<Framing, () => Framer> = { sse: sseFramer };

/** A server that ignores `stream` answers one JSON document: it is one frame. */
function wholeFramer(): Framer {
  let document = '';
  return {
    push(text) {
      document += text;
      if (document.length > MAX_FRAME) throw frameLimitError();
    },
    end: (frames) => frames.push({ data: document, isLast: true }),
  };
}

/**
 * Reads the frames of a body, those of a chunk of bytes at a time.
 * @param onChunk is called for each chunk of bytes.
 */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  framing: Framing,
  server: string,
  onChunk: () => void,
): AsyncGenerator<Frame[], void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let framer: Framer | undefined;
  let start = '';
  let hasFrames = false;
  let size = 0;
  try {
    for (let isEnd = false; !isEnd; ) {
      const { done, value } = await reader.read();
      onChunk();
      isEnd = done;
      size += value?.byteLength ?? 0;
      if (size > MAX_BODY) {
        throw new LimitError(`${server} sent more than ${MAX_BODY / 2 ** 20} MiB`, { limit: 'run' });
      }
      const frames: Frame[] = [];
      let text = decoder.decode(value, { stream: !done });
      if (!hasFrames && start.length < QUOTED) start += text;
      if (!framer && start.trimStart()) {
        framer = /^\s*[{[]/.test(start) ? wholeFramer() : framers[framing]();
        text = start;
      }
      framer?.push(text, frames);
      if (done) framer?.end(frames);
      hasFrames ||= frames.length > 0;
      if (done && !hasFrames && framer) {
        throw new ParseError(`${server} answered something that is no stream; check its address: ${excerpt(start)}`);
      }
      yield frames;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
