import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient, LLMError, observeRuns, type RunEvent } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { measuredClient } from '../docs/examples/observe.ts';
import { observeAll } from '../docs/examples/observe-all.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

const page = read('docs/observing.md');
const told = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, type]) => type);

describe('docs/observing.md', () => {
  it.each(['docs/examples/observe.ts', 'docs/examples/observe-all.ts'])('shows %s as it is', (path) => {
    expect(page).toContain(`\n${read(path)}\`\`\``);
  });

  it('has an example that measures runs which finish, are tried again, and fail', async () => {
    const failures = ['overloaded', undefined, 'authentication'] as const;
    const provider = scripted(() => {
      const code = failures[provider.requests.length - 1];
      if (code) return { error: new LLMError('no', { code, retryAfterMs: 1 }) };
      return { text: 'Rivers', usage: { outputTokens: 2 } };
    });
    const sent: [string, unknown, string | undefined][] = [];
    const client = measuredClient(provider, (name, value, tags) => sent.push([name, value, tags['code']]));

    await client.complete('Why?');
    await client.complete('Why?').catch(() => undefined);

    expect(sent).toEqual([
      ['llm.retries', 1, 'overloaded'],
      ['llm.first_content_ms', expect.any(Number), undefined],
      ['llm.duration_ms', expect.any(Number), undefined],
      ['llm.tokens_out', 2, undefined],
      ['llm.errors', 1, 'authentication'],
    ]);
  });

  it('has an example that tells all', async () => {
    const log: object[] = [];

    await new LLMClient({ provider: scripted('Rivers'), observe: observeAll((entry) => log.push(entry)) }).complete(
      'Why?',
    );

    expect(log).toMatchObject([{ request: { messages: [{ content: 'Why?' }] } }, {}, { text: 'Rivers' }]);
  });

  it('has a row for each type of event, and each field that events have', async () => {
    const events: RunEvent[] = [];
    const fail = new LLMError('no', { code: 'server', status: 500, requestId: 'r', retryAfterMs: 1 });
    const provider = scripted(() => {
      const turn = provider.requests.length;
      if (turn === 1 || turn === 3) return { error: fail };
      return { text: 'Rivers', delayMs: turn === 4 ? 60_000 : 0, usage: { outputTokens: 2 } };
    });
    const client = new LLMClient({ provider, observe: observeRuns((event) => events.push(event), { content: true }) });
    await client.complete('Why?');
    await client.complete('Why?', { retry: false }).catch(() => undefined);
    const stopped = client.stream('Why?');
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    stopped.abort();

    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(told));
    for (const field of new Set(events.flatMap((event) => Object.keys(event)))) {
      if (field !== 'type') expect(page, field).toContain(`\`${field}\``);
    }
  });
});
