import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient, ParseError, TruncatedError, type Run } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { invoiceIn } from '../docs/examples/extract.ts';
import { readRecipe } from '../docs/examples/json.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

function reply(text: string): Run {
  return new LLMClient({ provider: scripted(text), model: 'any' }).stream('A recipe, please.');
}

describe('docs/json.md', () => {
  it.each(['docs/examples/json.ts', 'docs/examples/extract.ts'])('shows %s as it is', (path) => {
    expect(read('docs/json.md')).toContain(`\n${read(path)}\`\`\``);
  });

  it('has an example that shows a recipe while it comes', async () => {
    const recipe = { title: 'Pancakes', difficulty: 'easy', steps: ['Mix {all}.', 'Fry.'] };
    const shown: unknown[] = [];
    const text = `Sure:\n\`\`\`json\n${JSON.stringify(recipe)}\n\`\`\`\nEnjoy!`;

    expect(await readRecipe(reply(text), (...seen) => shown.push(...seen))).toEqual(recipe);
    expect(shown.slice(-2)).toEqual([recipe, true]);
    for (const seen of shown) expect(['ea', 'eas']).not.toContain((seen as { difficulty?: string }).difficulty);
  });

  it('has an example that says what is cut, and what is wrong', async () => {
    await expect(readRecipe(reply('{"title":"Pan'), () => undefined)).rejects.toThrow(TruncatedError);
    const run = reply('{"title":"Pancakes", oops');
    await expect(readRecipe(run, () => undefined)).rejects.toThrow(ParseError);
  });

  it('has an example that finds an invoice, and says when it guessed', () => {
    expect(invoiceIn('Here:\n```json\n{"number":"A1","total":12.5}\n```')).toBe('A1: 12.5');
    expect(invoiceIn("{'number': 'A1', 'total': 12.5,}")).toBe('A1: 12.5, to be checked');
    expect(invoiceIn('Sorry.')).toBe('There is no invoice in this.');
  });
});
