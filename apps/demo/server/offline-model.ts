import { LLMock, type ChatCompletionRequest, type FixtureResponse } from '@copilotkit/aimock';
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { faults } from './reply/faults.ts';
import { asksForPatience, CHARACTERS_PER_TOKEN, demoModels, SLOW_PACE } from './reply/models.ts';
import { composeReply } from './reply/reply.ts';
import { lastPrompt } from './reply/request.ts';

export interface OfflineServer {
  /** Without a slash at the end. */
  origin: string;
  apiKey: string;
  stop: () => Promise<void>;
}

/**
 * Starts the embedded model on a free port of this machine. It answers any prompt, without a network, in the format of
 * each provider.
 */
export async function startOfflineModel(): Promise<OfflineServer> {
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

  for (const { matches, response, pace, cutAfterChunks } of faults) {
    mock.on({ predicate: (request) => matches(lastPrompt(request)) }, response, {
      ...(pace && { streamingProfile: pace }),
      ...(cutAfterChunks !== undefined && { truncateAfterChunks: cutAfterChunks }),
    });
  }
  mock.on({ predicate: (request) => asksForPatience(lastPrompt(request)) }, (request) => reply(request), {
    streamingProfile: SLOW_PACE,
  });
  for (const { id, pace, thinks } of demoModels) {
    mock.on({ model: id }, (request) => reply(request, thinks), { streamingProfile: pace });
  }

  return { origin: await mock.start(), apiKey, stop: () => mock.stop() };
}

function reply(request: ChatCompletionRequest, thinks = false): FixtureResponse {
  return composeReply(request, { thinks, charactersPerToken: CHARACTERS_PER_TOKEN });
}
