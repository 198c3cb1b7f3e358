import { LLMock, type ChatCompletionRequest, type FixtureResponse, type StreamingProfile } from '@copilotkit/aimock';
import { randomBytes } from 'node:crypto';
import type { ModelInfo } from '../shared/llm-endpoint.ts';
import type { Upstream } from './forward.ts';
import { faults } from './reply/faults.ts';
import { composeReply } from './reply/reply.ts';
import { lastPrompt } from './reply/request.ts';

interface OfflineModel extends ModelInfo {
  pace: StreamingProfile;
  thinks?: boolean;
}

const offlineModels: readonly OfflineModel[] = [
  {
    id: 'rivulet-demo',
    label: 'Demo',
    description: 'About 60 tokens a second.',
    pace: { ttft: 300, tps: 60, jitter: 0.35 },
  },
  {
    id: 'rivulet-demo-thinking',
    label: 'Demo, thinking',
    description: 'Shows its reasoning before every answer.',
    pace: { ttft: 300, tps: 60, jitter: 0.35 },
    thinks: true,
  },
  {
    id: 'rivulet-demo-fast',
    label: 'Demo, fast',
    description: 'About 250 tokens a second.',
    pace: { ttft: 120, tps: 250, jitter: 0.2 },
  },
];

export const offlineModelInfo: ModelInfo[] = offlineModels.map(({ id, label, description }) => ({
  id,
  label,
  description,
}));

/** About a token: the usual rule of thumb for English. */
const CHARACTERS_PER_TOKEN = 4;
const SLOW_PACE: StreamingProfile = { ttft: 3000, tps: 14, jitter: 0.3 };

/** Starts the embedded model on a free port of this machine. It answers any prompt, without a network. */
export async function startOfflineModel(): Promise<{ upstream: Upstream; stop: () => Promise<void> }> {
  // Only the proxy knows this key, so other pages in the browser cannot use the embedded server.
  const apiKey = randomBytes(24).toString('base64url');
  const mock = new LLMock({
    host: '127.0.0.1',
    port: 0,
    chunkSize: CHARACTERS_PER_TOKEN,
    journalMaxEntries: 1,
    auth: { apiKeys: [apiKey] },
  });

  for (const { matches, response, options } of faults) {
    mock.on({ predicate: (request) => matches(lastPrompt(request)) }, response, options);
  }
  mock.on({ predicate: (request) => asksForPatience(lastPrompt(request)) }, (request) => reply(request), {
    streamingProfile: SLOW_PACE,
  });
  for (const model of offlineModels) {
    mock.on({ model: model.id }, (request) => reply(request, model.thinks), { streamingProfile: model.pace });
  }

  const url = await mock.start();
  return { upstream: { url: `${url}/v1/chat/completions`, apiKey }, stop: () => mock.stop() };
}

function asksForPatience(prompt: string): boolean {
  return /^\s*(please\s+)?(take your time|(answer|write|go)\s+slowly)\b/i.test(prompt);
}

function reply(request: ChatCompletionRequest, thinks = false): FixtureResponse {
  return composeReply(request, { thinks, charactersPerToken: CHARACTERS_PER_TOKEN });
}
