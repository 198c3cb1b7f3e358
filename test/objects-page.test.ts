import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { listCities } from '../docs/examples/elements.ts';
import { cook } from '../docs/examples/object.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

function clientSaying(...replies: unknown[]): LLMClient {
  let turn = 0;
  return new LLMClient({ provider: scripted(() => JSON.stringify(replies[turn++])) });
}

describe('docs/objects.md', () => {
  it.each(['object.ts', 'elements.ts', 'Recipe.tsx', 'RecipeForm.tsx'])('shows docs/examples/%s as it is', (name) => {
    expect(read('docs/objects.md')).toContain(`\n${read(`docs/examples/${name}`)}\`\`\``);
  });

  it('has an example that shows an object as it grows, and gives it with its defaults', async () => {
    const soup = { title: 'Borscht', kind: 'soup', steps: [{ text: 'Boil', minutes: 40 }] };
    const shown: string[] = [];
    expect(await cook(clientSaying(soup), 'borscht', (text) => shown.push(text))).toEqual({ ...soup, servings: 4 });
    expect(shown.at(-1)).toBe('Borscht: 1 steps so far');
  });

  it('has an example that shows what does not fit', async () => {
    const shown: string[] = [];
    const soup = { title: 'Borscht', kind: 'stew', steps: [] };
    expect(await cook(clientSaying(soup), 'borscht', (text) => shown.push(text))).toBeUndefined();
    expect(shown.at(-1)).toMatch(/^kind: /);
  });

  it('has an example of a list that mends itself', async () => {
    const oslo = { name: 'Oslo', population: 700_000 };
    const client = clientSaying([oslo, { name: 'Bergen' }], [oslo, { name: 'Bergen', population: 290_000 }]);
    const names: string[] = [];
    expect(await listCities(client, 'Norway', (name) => names.push(name))).toBe(990_000);
    expect(names).toEqual(['Oslo', 'Bergen']);
  });
});
