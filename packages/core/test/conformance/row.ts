import type { FinishReason, GenerateRequest, HttpProvider, Message, MessageInput } from '@rivulet/core';

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

/** A failure, by the code that the error has to have. A `refusal` is a blocked prompt: the run ends as filtered content. */
export type ErrorKind =
  | 'rate_limit'
  | 'insufficient_quota'
  | 'overloaded'
  | 'authentication'
  | 'permission_denied'
  | 'not_found'
  | 'context_length'
  | 'invalid_request'
  | 'refusal'
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
  'refusal',
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
  | 'pages'
  /** Thoughts in tags at the start of the text are reasoning; without it they are text. */
  | 'tagged-thoughts'
  /** The finish reason in each frame of the answer: `repeatFinish`. */
  | 'repeated-finish'
  /** Halves of a surrogate pair in two frames. */
  | 'split-pairs'
  /** Content of types that the client has no part for: `unknownContent`. */
  | 'unknown-content'
  /** Fields of the body that the client chooses: `refusable`. */
  | 'refusable-fields';

export interface ErrorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The delay that the response names, if it does. */
  readonly retryAfterMs?: number;
}

/** The content of a request, as the server reads it from the body. */
export interface SentContent {
  /** The text of the last message of the user, with the names and the texts of its files. */
  readonly userText: string;
  /** The arguments of each call, parsed where the wire has them as text. Absent for a wire without calls. */
  readonly callInputs?: readonly unknown[];
}

/** The content of an answer: texts as strings, and content of unknown types as the objects of the wire. */
export type MixedContent = readonly (string | object)[];

/** How a wire carries content of types that the client has no part for. */
export interface UnknownContent {
  /** At least four such objects of different types. Those that have ids have other ones in each turn. */
  items(turn: number): readonly object[];
  /** The frames of an answer with this content. */
  stream(content: MixedContent): readonly string[];
  /** The content of all answers in the body of a request, in order. */
  sent(body: string): MixedContent;
}

/** A field of the body that the client chooses: a default, or the translation of an option. */
export interface RefusableField {
  /** Its path, with dots. */
  readonly at: string;
  /** The options for which the client chooses it. @default none: it is sent with every request */
  readonly request?: Partial<GenerateRequest>;
  /** The message of a server that refuses it. */
  readonly refusal: string;
  /** The value after the refusal. @default the field is left out */
  readonly healed?: unknown;
  /** A request whose caller sets the field. */
  readonly set: Partial<GenerateRequest>;
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
  /** A frame of the answer to this scenario, with the finish reason in it. */
  repeatFinish?(frame: string, scenario: Scenario): string;
  readonly unknownContent?: UnknownContent;
  readonly refusable?: readonly RefusableField[];
  /** What this wire cannot say, each with the reason. */
  readonly lacks?: Partial<Record<Feature, string>>;
  /** The request headers that the provider sends when it has a key, in lower case and sorted; what `fetch` adds left out. */
  readonly headers: readonly string[];
  /**
   * What the body has to contain when `conversationAfter(answer)` is sent, as for `toMatchObject`. `answer` is the
   * message of a run over `stream(HISTORY)`.
   */
  history(answer: Message): object;
  /** Reads the body of a request. */
  sent(body: string): SentContent;
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

/** The text of base64 data, which may be in a `data:` URL. */
export function textFromBase64(data: string): string {
  const binary = atob(data.slice(data.indexOf(',') + 1));
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}
