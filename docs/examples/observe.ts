import { LLMClient, observeRuns, type Provider, type RunEvent } from '@rivulet/core';

/** A client whose runs are counted and timed: `send` takes a name, a number, and what it is to be grouped by. */
export function measuredClient(
  provider: Provider,
  send: (name: string, value: number, tags: Readonly<Record<string, string>>) => void,
): LLMClient {
  function listen(event: RunEvent): void {
    const tags = { provider: event.provider, model: event.model ?? 'default' };
    switch (event.type) {
      case 'first-content':
        send('llm.first_content_ms', event.elapsedMs, tags);
        break;
      case 'retry':
        send('llm.retries', 1, { ...tags, code: event.code });
        break;
      case 'finish':
        send('llm.duration_ms', event.elapsedMs, tags);
        send('llm.tokens_out', event.usage?.outputTokens ?? 0, tags);
        break;
      case 'error':
        send('llm.errors', 1, { ...tags, code: event.code });
        break;
      default: // 'request' and 'abort' are not counted; there may be new types
    }
  }

  return new LLMClient({ provider, observe: observeRuns(listen) });
}
