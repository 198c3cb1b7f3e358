import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { completionQueryOptions } from '@rivulet/react/query';
import { hydrate, QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { load } from '../docs/examples/query/server.ts';

function path(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}

const page = readFileSync(path('tanstack-query.md'), 'utf8');
const examples = readdirSync(path('examples/query'));

describe('docs/tanstack-query.md', () => {
  it.each(examples)('shows examples/query/%s as it is', (name) => {
    expect(page).toContain(`\n${readFileSync(path(`examples/query/${name}`), 'utf8')}\`\`\``);
  });

  it('shows no code that is not run', () => {
    expect(page.match(/^```tsx?$/gm)).toHaveLength(examples.length);
  });

  it('has an example of a server whose answer the page does not ask for again', async () => {
    const server = new LLMClient({ provider: scripted('It is about rivers.', { name: 'server' }) });
    const provider = scripted('Asked again.', { name: 'page' });
    const queryClient = new QueryClient();

    hydrate(queryClient, JSON.parse(JSON.stringify(await load(server, '7', 'Rivers meander.'))));

    const options = completionQueryOptions(new LLMClient({ provider }), 'anything', { id: 'summary of 7' });
    expect((await queryClient.ensureQueryData(options)).text).toBe('It is about rivers.');
    expect(provider.requests).toEqual([]);
    queryClient.clear();
  });
});
