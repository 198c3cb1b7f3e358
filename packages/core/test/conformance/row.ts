import type { FinishReason, HttpProvider, Message, MessageInput } from '@rivulet/core';

/** One part of an answer, as the pieces in which the model says it; the pieces of a call are those of its arguments. */
export type ScenarioPart =
  | { readonly type: 'text' | 'reasoning' | 'refusal'; readonly pieces: readonly string[] }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly pieces: readonly string[] };

/** An answer, said without the words of any wire. */
export interface Scenario {
  readonly parts: readonly ScenarioPart[];
  readonly finish: FinishReason;
  /** All tokens: `input` includes `cached`, and `output` includes `reasoning`. */
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cached?: number;
    readonly reasoning?: number;
  };
}

/** A failure, by the code that the error has to have. */
export type ErrorKind =
  | 'rate_limit'
  | 'insufficient_quota'
  | 'overloaded'
  | 'authentication'
  | 'permission_denied'
  | 'not_found'
  | 'context_length'
  | 'invalid_request'
  | 'server';

export const ERROR_KINDS: readonly ErrorKind[] = [
  'rate_limit',
  'insufficient_quota',
  'overloaded',
  'authentication',
  'permission_denied',
  'not_found',
  'context_length',
  'invalid_request',
  'server',
];

/** Something that not every wire can say. */
export type Feature =
  /** Thoughts beside the text. */
  | 'reasoning'
  /** The finish reason `refusal` by itself, without words. */
  | 'refusal'
  /** The finish reason `refusal` with words, which are no text: a part of its own. */
  | 'refusal-text'
  /** The finish reason `content-filter`. */
  | 'content-filter'
  /** The finish reason `length`. */
  | 'length'
  | 'tool-calls'
  | 'parallel-tool-calls'
  /** Arguments that are no JSON: where calls come as JSON values there are none. */
  | 'broken-arguments'
  /** The ids of calls. */
  | 'call-ids'
  | 'usage'
  | 'cached-usage'
  | 'reasoning-usage'
  /** A failure after the status 200. */
  | 'in-band-errors'
  /** The kind of such a failure: without it all are `server`. */
  | 'in-band-error-kinds'
  /** A mark of the end, without which a cut answer looks whole. */
  | 'end-mark'
  /** A page in place of an answer can be told from it. */
  | 'pages';

export interface ErrorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The delay that the response names, if it does. */
  readonly retryAfterMs?: number;
}

/** One wire, told so that the suite can write every scenario in it. A new provider gets the whole suite by its row. */
export interface ConformanceRow {
  readonly name: string;
  provider(baseURL: string, apiKey?: string): HttpProvider;
  /** Of a streamed answer. */
  readonly contentType: string;
  /**
   * The frames as the server sends them, each with its terminator; every piece of text is in one of its own. `end` is
   * the place of the frame that ends the answer: it is complete once this one is whole, whatever follows.
   */
  stream(scenario: Scenario): { readonly frames: readonly string[]; readonly end: number };
  /** The document of a server that does not stream, where the wire has one. */
  whole?(scenario: Scenario): string;
  /** A failure with its status, in the server's words or with this message; `undefined` where the wire has no such kind. */
  errorResponse(kind: ErrorKind, message?: string): ErrorResponse | undefined;
  /** The same failure as a frame of an answer with status 200. */
  errorFrame?(kind: ErrorKind, message?: string): string | undefined;
  /** A frame that is ignored wherever it stands: of an unknown type, a ping, or an empty one. */
  readonly unknownFrame?: string;
  /** Frames that may come twice in a row and then count once. */
  mayRepeat?(frame: string): boolean;
  /** What this wire cannot say, each with the reason. */
  readonly lacks?: Partial<Record<Feature, string>>;
  /** The request headers that the provider sends when it has a key, in lower case and sorted; what `fetch` adds left out. */
  readonly headers: readonly string[];
  /**
   * What the body has to contain when `conversationAfter(answer)` is sent, as for `toMatchObject`. `answer` is the
   * message of a run over `stream(HISTORY)`.
   */
  history(answer: Message): object;
}

/** The answer that is sent back to check that nothing of it is lost; without the parts that the wire lacks. */
export const HISTORY: Scenario = {
  parts: [
    { type: 'reasoning', pieces: ['Let me ', 'see.'] },
    { type: 'text', pieces: ['I will ', 'look.'] },
    { type: 'tool-call', id: 'call_1', name: 'weather', pieces: ['{"city":', '"Paris"}'] },
  ],
  finish: 'tool-calls',
};

/** A question, the answer to it, the results of its calls, and a second question. */
export function conversationAfter(answer: Message): readonly MessageInput[] {
  const results = answer.parts.flatMap((part) =>
    part.type === 'tool-call'
      ? { type: 'tool-result' as const, toolCallId: part.id, name: part.name, output: { celsius: 21 } }
      : [],
  );
  return [
    { id: 'message-1', role: 'user', content: 'How warm is it in Paris?' },
    answer,
    ...(results.length > 0 ? [{ id: 'message-3', role: 'tool' as const, parts: results }] : []),
    { id: 'message-4', role: 'user', content: 'And tomorrow?' },
  ];
}

/** The arguments of a call as a value, for wires that send them whole. */
export function argumentsOf(pieces: readonly string[]): unknown {
  return JSON.parse(pieces.join('') || '{}');
}

/** One server-sent event with this JSON, and the name that some wires give it. */
export function sseFrame(json: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(json)}\n\n`;
}
