import { LLMError } from '../errors/error.ts';
import { excerpt } from '../utils/excerpt.ts';
import { addressOf } from './address.ts';
import { isPage } from './network-error.ts';

/** So much text shows which element it begins with. */
const TAG_LENGTH = 16;
/** A comment before the document is at most so long. */
const MAX_START_LENGTH = 2000;

/**
 * The body of an answer in plain text, which fails if it is an HTML document that is served as HTML: the page of a login or
 * of a proxy. Text of another type is not looked at.
 * @param source the server, for the error.
 */
export function refusePage(
  body: ReadableStream<Uint8Array>,
  contentType: string | null | undefined,
  source: { readonly name: string; readonly url: string },
): ReadableStream<Uint8Array> {
  if (!/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')) return body;
  const decoder = new TextDecoder();
  let held: Uint8Array[] = [];
  let start = '';
  let isDecided = false;

  function decide(controller: TransformStreamDefaultController<Uint8Array>): void {
    if (isPage(start)) throw pageError(source, start);
    isDecided = true;
    for (const bytes of held) controller.enqueue(bytes);
    held = [];
  }

  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        if (isDecided) return controller.enqueue(bytes);
        held.push(bytes);
        start += decoder.decode(bytes, { stream: true });
        if (showsItsElement(start)) decide(controller);
      },
      flush(controller) {
        if (!isDecided) decide(controller);
      },
    }),
  );
}

/** Whether the start of a text shows what it is: not if it is shorter than a tag, or a comment that is not closed. */
function showsItsElement(start: string): boolean {
  if (start.length >= MAX_START_LENGTH) return true;
  const text = start.replace(/^\s*(?:<!--[^>]{0,1000}-->\s*)?/, '');
  if (text !== '' && !text.startsWith('<')) return true;
  return text.length >= TAG_LENGTH && !text.startsWith('<!--');
}

function pageError({ name, url }: { readonly name: string; readonly url: string }, start: string): LLMError {
  const address = url ? `, check the address ${addressOf(url)}` : '';
  const message = `${name} answered with a web page instead of text${address}. A document that is the answer needs the content-type text/plain`;
  return new LLMError(`${message}: ${excerpt(start)}`, { code: 'parse' });
}
