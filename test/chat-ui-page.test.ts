import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderBlocks } from '../docs/examples/markdown-blocks.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../docs/${path}`, import.meta.url)), 'utf8');
}

describe('the pages on Markdown and on small parts', () => {
  it.each([
    ['markdown.md', 'examples/Answer.tsx'],
    ['markdown.md', 'examples/markdown-blocks.ts'],
    ['chat-ui.md', 'examples/Thread.tsx'],
  ])('%s shows %s as it is', (page, example) => {
    expect(read(page)).toContain(`\n${read(example)}\`\`\``);
  });

  it('have an example that renders each block once, and the tail closed', async () => {
    async function* deltas(): AsyncGenerator<string> {
      yield* ['One **ri', 'ver**.\n\nT', 'wo'];
    }
    const calls: [number, string][] = [];
    await renderBlocks(deltas(), (...call) => calls.push(call));
    expect(calls).toEqual([
      [0, 'One **ri**'],
      [0, 'One **river**.\n'],
      [1, '\nT'],
      [1, '\nTwo'],
      [1, '\nTwo'],
    ]);
  });
});
