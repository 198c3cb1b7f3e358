import { frameLimitError, MAX_FRAME, type Frame, type Framer } from './frame.ts';

/**
 * Server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 * A last event without its blank line counts too, since servers leave it out.
 */
export function sseFramer(): Framer {
  let line = '';
  let isAfterCR = false;
  let isLast: true | undefined;
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;

  function push(chunk: string, frames: Frame[]): void {
    let text = isAfterCR && chunk.startsWith('\n') ? chunk.slice(1) : chunk;
    if (chunk) isAfterCR = chunk.endsWith('\r');
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    const [first, ...lines] = text.split('\n');
    line += first;
    for (const next of lines) {
      field(line, frames);
      line = next;
    }
    if (line.length + (data?.length ?? 0) > MAX_FRAME) throw frameLimitError();
  }

  function field(whole: string, frames: Frame[]): void {
    if (whole) {
      const colon = whole.indexOf(':');
      const name = colon < 0 ? whole : whole.slice(0, colon);
      const value = colon < 0 ? '' : whole.slice(colon + (whole[colon + 1] === ' ' ? 2 : 1));
      if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
      else if (name === 'event') event = value || undefined;
      else if (name === 'id') id = value;
    } else {
      if (data) frames.push({ data, event, id, isLast });
      data = event = id = undefined;
    }
  }

  return {
    push,
    end(frames) {
      isLast = true;
      push('\n\n', frames);
    },
  };
}
