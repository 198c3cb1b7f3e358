import { LLMock, type ChatCompletionRequest, type FixtureResponse } from '@copilotkit/aimock';
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ProviderId } from '../shared/llm-endpoint.ts';
import { faultFor, faults } from './reply/faults.ts';
import {
  asksForPatience,
  CHARACTERS_PER_TOKEN,
  demoModels,
  SLOW_PACE,
  type DemoModel,
  type Pace,
} from './reply/models.ts';
import { lastPrompt, readQuestion, type Question } from './reply/question.ts';
import { composeReply, type Reply } from './reply/reply.ts';

export interface OfflineServer {
  /** Without a slash at the end. */
  origin: string;
  apiKey: string;
  /** Headers to send with a request, so that all of its body is read. */
  headersFor: (body: string, wire?: ProviderId) => Record<string, string>;
  stop: () => Promise<void>;
}

export interface OfflineOptions {
  /** Answers as fast as it can, for tests. */
  isHurried?: boolean | undefined;
}

interface Kept {
  body: string;
  wire: ProviderId | undefined;
  question?: Question;
  reply?: Reply;
}

/** How many bodies are kept for requests that are on their way. */
const MAX_BODIES = 200;
/** Where an answer can be cut off, in pieces: aimock (1.43) wants it to be said before there is a request. */
const CUTS = [128, 96, 64, 48, 32, 24, 16, 8, 4, 2, 1];

/**
 * Starts the embedded model on a free port of this machine. It answers any prompt, without a network, in the format of
 * each provider.
 */
export async function startOfflineModel({ isHurried = false }: OfflineOptions = {}): Promise<OfflineServer> {
  // For an answer that it is to cut off, aimock (1.43) adds a listener with each chunk to one signal and removes none
  // before the answer ends. There are at most as many as the fault has chunks.
  setMaxListeners(200);
  // Only the proxy knows this key, so other pages in the browser cannot use the embedded server.
  const apiKey = randomBytes(24).toString('base64url');
  const mock = new LLMock({
    host: '127.0.0.1',
    port: 0,
    chunkSize: CHARACTERS_PER_TOKEN,
    journalMaxEntries: 1,
    auth: { apiKeys: [apiKey] },
  });

  // What aimock passes on of a request lacks, in most formats, the JSON that is asked for, the choice among tools and
  // which results are errors. So the body itself is kept, by a number that travels in a header.
  const kept = new Map<string, Kept>();
  let count = 0;
  const headersFor = (body: string, wire?: ProviderId): Record<string, string> => {
    const id = String((count += 1));
    kept.set(id, { body, wire });
    const [oldest] = kept.keys();
    if (kept.size > MAX_BODIES && oldest !== undefined) kept.delete(oldest);
    return { 'x-aimock-context': id };
  };
  const keptOf = ({ _context: id = '' }: ChatCompletionRequest): Kept | undefined => kept.get(id);
  const questionOf = (request: ChatCompletionRequest): Question => {
    const own = keptOf(request);
    const question = own?.question ?? readQuestion(own ? JSON.parse(own.body) : request, request.model);
    if (own) own.question = question;
    return question;
  };
  const replyTo = (request: ChatCompletionRequest): Reply => {
    const own = keptOf(request);
    const reply = own?.reply ?? compose(questionOf(request), modelOf(request));
    if (own) own.reply = reply;
    return reply;
  };
  const respond = (request: ChatCompletionRequest): FixtureResponse =>
    toResponse(replyTo(request), keptOf(request)?.wire);
  const at = (pace: Pace): Pace => (isHurried ? { ttft: 1, tps: 2000, jitter: 0 } : pace);

  for (const fault of faults) {
    const { response, pace, cutAfterChunks } = fault;
    mock.on({ predicate: (request) => faultFor(questionOf(request)) === fault }, response, {
      ...(pace && { streamingProfile: at(pace) }),
      ...(cutAfterChunks !== undefined && { truncateAfterChunks: cutAfterChunks }),
    });
  }
  for (const chunks of CUTS) {
    mock.on({ predicate: (request) => cutOf(replyTo(request)) === chunks }, respond, {
      streamingProfile: at(CUT_PACE),
      truncateAfterChunks: chunks,
    });
  }
  mock.on({ predicate: (request) => asksForPatience(lastPrompt(questionOf(request))) }, respond, {
    streamingProfile: at(SLOW_PACE),
  });
  for (const { id, pace } of demoModels) {
    mock.on({ model: id }, respond, { streamingProfile: at(pace) });
  }

  return { origin: await mock.start(), apiKey, headersFor, stop: () => mock.stop() };
}

const CUT_PACE: Pace = { ttft: 300, tps: 60, jitter: 0.35 };

function modelOf({ model }: ChatCompletionRequest): DemoModel | undefined {
  return demoModels.find(({ id }) => id === model);
}

function compose(question: Question, model: DemoModel | undefined): Reply {
  return composeReply(question, {
    thinks: model?.thinks ?? false,
    hasJsonMode: !model?.lacksJsonMode,
    charactersPerToken: CHARACTERS_PER_TOKEN,
  });
}

/** After how many pieces to cut an answer off that is to be. */
function cutOf({ cutAt }: Reply): number | undefined {
  return cutAt === undefined ? undefined : CUTS.find((chunks) => chunks <= Math.max(1, cutAt / CHARACTERS_PER_TOKEN));
}

/** aimock (1.43) passes on what it does not know, and only Anthropic's format has a refusal without a text of its own. */
function endOf(finishReason: Reply['finishReason'], wire: ProviderId | undefined): string {
  if (finishReason !== 'refusal') return finishReason;
  return wire === 'anthropic' ? 'refusal' : 'content_filter';
}

function toResponse(
  { content, toolCalls, reasoning, finishReason, usage }: Reply,
  wire: ProviderId | undefined,
): FixtureResponse {
  if (toolCalls)
    return { toolCalls, ...(reasoning && { reasoning }), usage, ...(finishReason === 'length' && { finishReason }) };
  return {
    content,
    ...(reasoning && { reasoning }),
    finishReason: endOf(finishReason, wire),
    usage,
  };
}
