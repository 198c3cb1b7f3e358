import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { summarise } from '../docs/examples/batch.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

/** As much of Web Storage as Node 20 lacks. */
function storage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    key: (index) => [...items.keys()][index] ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  };
}

describe('docs/batches.md', () => {
  it.each(['docs/examples/batch.ts', 'docs/examples/Summaries.tsx'])('shows %s as it is', (path) => {
    expect(read('docs/batches.md')).toContain(`\n${read(path)}\`\`\``);
  });

  it('has an example that answers in order, and asks nothing twice', async () => {
    const provider = scripted(({ messages }) => `It is about ${messages.at(-1)?.content?.split(' ').at(-1)}.`);
    const client = new LLMClient({ provider, model: 'any' });
    const kept = storage();

    const answers = ['It is about rivers.', 'It is about deltas.'];
    expect(await summarise(client, ['rivers', 'deltas'], kept)).toEqual(answers);
    expect(await summarise(client, ['rivers', 'deltas'], kept)).toEqual(answers);
    expect(provider.requests).toHaveLength(2);
  });
});
