import { LLMock } from '@copilotkit/aimock';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Origin of a model server that speaks every provider's format; OpenAI-compatible clients add `/v1`. */
    modelServerUrl: string;
  }
}

/** Runs one model server beside the tests of a project. `inject('modelServerUrl')` gives its origin. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 8 });
  server
    .onMessage('hello', { content: 'Hello! How can I help you today?' })
    .onMessage(
      'slowly',
      { content: 'One word follows another, and none of them hurries.' },
      { latency: 50, chunkSize: 4 },
    )
    .onMessage('think', { content: 'The answer is 42.', reasoning: 'Six times seven is forty-two.' })
    .onMessage('weather', { toolCalls: [{ name: 'weather', arguments: '{"city":"Paris"}' }] })
    .onMessage('long', { content: 'All work and no play makes a dull page. '.repeat(250) })
    .onMessage('rate limit', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429 })
    .onMessage('cut', { content: 'This answer never reaches its end.' }, { latency: 20, truncateAfterChunks: 3 });
  project.provide('modelServerUrl', await server.start());
  return () => server.stop();
}
