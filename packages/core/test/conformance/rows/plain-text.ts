import { plainText } from '@rivulet/core/plain-text';
import type { FilePart, TextPart } from '@rivulet/core';
import { textFromBase64, type ConformanceRow, type ErrorKind } from '../row.ts';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  rate_limit: 429,
  insufficient_quota: 402,
  overloaded: 503,
  authentication: 401,
  permission_denied: 403,
  not_found: 404,
  context_length: 400,
  invalid_request: 400,
  refusal: 400,
  server: 500,
};

const MESSAGES: Readonly<Partial<Record<ErrorKind, string>>> = {
  context_length: 'The prompt is too long.',
  refusal: 'content_filter: The prompt was blocked.',
};

/** A backend gets the messages as they are. */
interface WireMessage {
  readonly role: string;
  readonly content: string;
  readonly parts?: readonly (TextPart | FilePart)[];
}

function textOf({ content, parts }: WireMessage): string {
  if (!parts) return content;
  return parts
    .map((part) => (part.type === 'text' ? part.text : `${part.filename}\n${textFromBase64(part.data!)}`))
    .join('');
}

const NO_EVENTS = 'the wire is text';

export const row: ConformanceRow = {
  name: 'plainText',
  provider: (baseURL, apiKey) => plainText({ api: `${baseURL}/api/completion`, apiKey }),
  contentType: 'text/plain; charset=utf-8',
  stream(scenario) {
    const frames = scenario.parts.flatMap(({ type, pieces }) => (type === 'text' ? pieces : []));
    // No frame ends it.
    return { frames, end: frames.length };
  },
  errorResponse: (kind, message = MESSAGES[kind] ?? 'No.') => ({
    status: STATUS[kind],
    body: message,
    ...(kind === 'rate_limit' && { headers: { 'retry-after': '2' }, retryAfterMs: 2000 }),
  }),
  lacks: {
    reasoning: NO_EVENTS,
    refusal: NO_EVENTS,
    'refusal-text': NO_EVENTS,
    'content-filter': NO_EVENTS,
    length: NO_EVENTS,
    'tool-calls': NO_EVENTS,
    'parallel-tool-calls': NO_EVENTS,
    'broken-arguments': NO_EVENTS,
    'call-ids': NO_EVENTS,
    usage: NO_EVENTS,
    'cached-usage': NO_EVENTS,
    'reasoning-usage': NO_EVENTS,
    'in-band-errors': NO_EVENTS,
    'in-band-error-kinds': NO_EVENTS,
    'end-mark': 'the end of the body is the end of the answer',
    pages: 'a page is text too',
    'tagged-thoughts': 'the backend separates thoughts from the text',
    'repeated-finish': NO_EVENTS,
    'split-pairs': 'UTF-8 has no halves of a pair',
    'unknown-content': NO_EVENTS,
    'refusable-fields': 'the backend has its own defaults',
  },
  headers: ['authorization', 'content-type'],
  history: () => ({
    prompt: 'And tomorrow?',
    messages: [
      { role: 'user', content: 'How warm is it in Paris?' },
      { role: 'assistant', content: 'I will look.' },
      { role: 'user', content: 'And tomorrow?' },
    ],
  }),
  sent(body) {
    const { messages } = JSON.parse(body) as { readonly messages: readonly WireMessage[] };
    return { userText: textOf(messages.findLast(({ role }) => role === 'user')!) };
  },
};
