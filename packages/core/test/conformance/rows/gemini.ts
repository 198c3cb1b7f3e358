import { gemini } from '@rivulet/core/gemini';
import {
  argumentsOf,
  sseFrame,
  type ConformanceRow,
  type ErrorKind,
  type Scenario,
  type ScenarioPart,
} from '../row.ts';

const SIGNATURE = 'EqUCCqICAb4+9vsh8Pd5taZV';

const FINISH_REASONS: Readonly<Record<string, string>> = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
};

/** The pieces of a part; a call comes whole, and the first one of an answer is signed. */
function partsOf(part: ScenarioPart, isFirstCall: boolean): object[] {
  if (part.type !== 'tool-call') {
    return part.pieces.map((text) => ({ text, ...(part.type === 'reasoning' && { thought: true }) }));
  }
  const functionCall = {
    id: part.id,
    name: part.name,
    ...(part.pieces.length > 0 && { args: argumentsOf(part.pieces) }),
  };
  return [{ functionCall, ...(isFirstCall && { thoughtSignature: SIGNATURE }) }];
}

function piecesOf({ parts }: Scenario): object[] {
  const firstCall = parts.find(({ type }) => type === 'tool-call');
  return parts.flatMap((part) => partsOf(part, part === firstCall));
}

function responseOf(scenario: Scenario, parts: readonly object[], finishReason?: string): object {
  const { input = 0, output = 0, cached, reasoning = 0 } = scenario.usage ?? {};
  return {
    candidates: [{ content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
    ...(scenario.usage && {
      usageMetadata: {
        promptTokenCount: input,
        candidatesTokenCount: output - reasoning,
        totalTokenCount: input + output,
        ...(cached !== undefined && { cachedContentTokenCount: cached }),
        thoughtsTokenCount: reasoning,
      },
    }),
    modelVersion: 'gemini-3-pro-preview',
    responseId: 'b36LacjwM668nsEP2tbsgQQ',
  };
}

interface WirePart {
  readonly text?: string;
  readonly functionCall?: { readonly args: unknown };
}

interface WireContent {
  readonly role: string;
  readonly parts: readonly WirePart[];
}

function contentsOf(body: string): readonly WireContent[] {
  return (JSON.parse(body) as { readonly contents: readonly WireContent[] }).contents;
}

const ERRORS: Readonly<Record<ErrorKind, readonly [code: number, status: string, says: string, details?: object[]]>> = {
  rate_limit: [
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
    [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'PerMinute-FreeTier' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ],
  ],
  insufficient_quota: [429, 'RESOURCE_EXHAUSTED', 'Your prepaid credits are used up, see the billing of your project.'],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  authentication: [
    400,
    'INVALID_ARGUMENT',
    'API key not valid. Please pass a valid API key.',
    [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
  ],
  permission_denied: [403, 'PERMISSION_DENIED', 'Your project has been denied access.'],
  not_found: [404, 'NOT_FOUND', 'models/model-1 is not found for API version v1beta.'],
  context_length: [
    400,
    'INVALID_ARGUMENT',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  ],
  invalid_request: [400, 'INVALID_ARGUMENT', 'Thinking level MINIMAL is not supported for this model.'],
  // https://ai.google.dev/api/generate-content#BlockReason
  refusal: [400, 'PROHIBITED_CONTENT', 'The prompt was blocked.'],
  server: [500, 'INTERNAL', 'An internal error has occurred.'],
};

function errorBody(kind: ErrorKind, message?: string): object {
  const [code, status, says, details] = ERRORS[kind];
  return { error: { code, message: message ?? says, status, ...(details && { details }) } };
}

const NO_PARTS: Scenario = { parts: [], finish: 'stop' };

export const row: ConformanceRow = {
  name: 'gemini',
  provider: (baseURL, apiKey) => gemini({ baseURL, apiKey }),
  contentType: 'text/event-stream',
  stream(scenario) {
    const pieces = piecesOf(scenario);
    return {
      frames: [
        ...pieces.map((piece) => sseFrame(responseOf(scenario, [piece]))),
        sseFrame(responseOf(scenario, [{ text: '' }], FINISH_REASONS[scenario.finish])),
      ],
      end: pieces.length,
    };
  },
  whole(scenario) {
    const parts = scenario.parts.map((part) =>
      part.type === 'tool-call' ? part : { ...part, pieces: [part.pieces.join('')] },
    );
    const whole = responseOf(scenario, piecesOf({ ...scenario, parts }), FINISH_REASONS[scenario.finish]);
    return JSON.stringify(whole, undefined, 2);
  },
  errorResponse: (kind, message) => ({
    status: ERRORS[kind][0],
    body: JSON.stringify(errorBody(kind, message), undefined, 2),
    ...(kind === 'rate_limit' && { retryAfterMs: 34_400 }),
  }),
  errorFrame: (kind, message) => sseFrame(errorBody(kind, message)),
  unknownFrame: sseFrame({ news: { text: 'none' }, candidates: [], promptFeedback: { safetyRatings: [] } }),
  repeatFinish(frame, scenario) {
    const reason = `"finishReason":"${FINISH_REASONS[scenario.finish]}"`;
    return frame.includes(reason) ? frame : frame.replace('"index":0', `${reason},"index":0`);
  },
  unknownContent: {
    items: (turn) => [
      { executableCode: { language: 'PYTHON', code: 'print(1)', id: `code-${turn}` } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
      { newPart: { steps: [{ at: [1, 2] }], empty: '' }, thoughtSignature: SIGNATURE },
      { toolCall: { id: `tool-${turn}`, toolType: 'GOOGLE_SEARCH', args: { queries: ['Paris'] } } },
    ],
    stream: (content) => [
      ...content.map((item) => sseFrame(responseOf(NO_PARTS, [typeof item === 'string' ? { text: item } : item]))),
      sseFrame(responseOf(NO_PARTS, [{ text: '' }], 'STOP')),
    ],
    sent: (body) =>
      contentsOf(body).flatMap(({ role, parts }) => (role === 'model' ? parts.map((part) => part.text ?? part) : [])),
  },
  refusable: [
    {
      at: 'generationConfig.temperature',
      refusal: 'Temperature is not supported for this model.',
      set: { temperature: 0.2 },
    },
    {
      at: 'generationConfig.maxOutputTokens',
      refusal:
        'It has a maxOutputTokens value of 2000 but the supported range is from 1 (inclusive) to 1025 (exclusive).',
      healed: 1024,
      set: { maxTokens: 5000 },
    },
    {
      at: 'generationConfig.thinkingConfig.thinkingLevel',
      request: { reasoning: { effort: 'minimal' } },
      refusal: 'Thinking level MINIMAL is not supported for this model.',
      healed: 'low',
      set: {
        providerOptions: { gemini: { generationConfig: { thinkingConfig: { thinkingLevel: 'minimal' } } } },
      },
    },
  ],
  lacks: {
    'tagged-thoughts': 'its servers separate thoughts from the text',
    refusal: 'it has no such reason',
    'refusal-text': 'it has no such parts',
    'broken-arguments': 'arguments are values; broken ones end the answer',
  },
  headers: ['content-type', 'x-goog-api-key'],
  history: () => ({
    contents: [
      { role: 'user', parts: [{ text: 'How warm is it in Paris?' }] },
      {
        role: 'model',
        parts: [
          { text: 'Let me see.', thought: true },
          { text: 'I will look.' },
          {
            functionCall: { id: 'call_1', name: 'weather', args: { city: 'Paris' } },
            thoughtSignature: SIGNATURE,
          },
        ],
      },
      { role: 'user', parts: [{ functionResponse: { id: 'call_1', name: 'weather', response: { celsius: 21 } } }] },
      { role: 'user', parts: [{ text: 'And tomorrow?' }] },
    ],
  }),
  sent(body) {
    const contents = contentsOf(body);
    return {
      userText: contents
        .findLast(({ role }) => role === 'user')!
        .parts.map(({ text = '' }) => text)
        .join(''),
      callInputs: contents.flatMap(({ parts }) =>
        parts.flatMap<unknown>(({ functionCall }) => (functionCall ? [functionCall.args] : [])),
      ),
    };
  },
};
