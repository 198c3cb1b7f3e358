import { checkSize, type Frame, type Framing } from './frame.ts';

/** Whether a text without a whole frame may be the start of an event stream, and so only cut. */
function isCut(start: string): boolean {
  return /^(data|event|id|retry)?:/.test(start) || ' data event id retry'.includes(` ${start}`);
}

/**
 * Gives for each chunk of a body the frames that it completes; `undefined` is the end. Any split gives the same frames.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 * A last event without its blank line counts too, since servers leave it out.
 */
export function splitFrames(framing: Framing): (chunk: Uint8Array | undefined) => Frame[] {
  const decoder = new TextDecoder();
  let frames: Frame[] = [];
  let isLast: true | undefined;
  let isAfterCR = false;
  let hasFrames = false;
  let start = '';
  let line = '';
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;

  function endLine(): void {
    const colon = line.indexOf(':');
    if (framing === 'ndjson') {
      if (line.trim()) frames.push({ data: line, isLast });
    } else if (line) {
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
      if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
      else if (name === 'event') event = value || undefined;
      else if (name === 'id') id = value;
    } else {
      if (data) frames.push({ data, event, id, isLast });
      data = event = id = undefined;
    }
  }

  return (chunk) => {
    let text = decoder.decode(chunk, { stream: !!chunk });
    frames = [];
    if (framing === 'text') return text ? [{ data: text }] : frames;
    if (!chunk) {
      isLast = true;
      text += '\n\n';
    }
    const isRestOfCRLF = isAfterCR && text.startsWith('\n');
    if (text) isAfterCR = text.endsWith('\r');
    if (isRestOfCRLF) text = text.slice(1);
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    const [first, ...lines] = text.split('\n');
    line += first;
    for (const next of lines) {
      endLine();
      line = next;
    }
    checkSize('frame', line.length + (data?.length ?? 0), 16);
    hasFrames ||= frames.length > 0;
    if (!hasFrames) checkSize('frame', (start += text).length, 16);
    // A server that ignores `stream` answers one JSON document: it is one frame. So is a page of some proxy, to be
    // quoted.
    if (isLast && !hasFrames && !isCut(start.trim())) frames.push({ data: start, isLast: /^\s*[{[]/.test(start) });
    return frames;
  };
}
