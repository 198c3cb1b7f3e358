import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as core from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { textFor } from '../docs/examples/error-text.ts';
import { answerOrReason } from '../docs/examples/errors.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

const page = read('docs/errors.md');
const union = /export type LLMErrorCode =([^;]+);/.exec(read('packages/core/src/errors/error.ts'))?.[1] ?? '';
const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code ?? '');
const classes = Object.keys(core).filter((name) => /^(?!LLM|Abort|Batch|Checkpoint)[A-Z]\w*Error$/.test(name));

describe('docs/errors.md', () => {
  it.each(['errors.ts', 'error-text.ts'])('shows docs/examples/%s as it is', (name) => {
    expect(page).toContain(`\n${read(`docs/examples/${name}`)}\`\`\``);
  });

  it('has an example that answers, or says why not', async () => {
    const client = new core.LLMClient({
      provider: scripted({ text: 'Rivers ', error: new core.LLMError('too wide', { code: 'server' }) }),
    });

    expect(await answerOrReason(client, 'Why?')).toBe('Rivers  (too wide)');
  });

  it('has an example that tells people what happened in words of its own', () => {
    const told = codes.map((code) =>
      textFor(new core.LLMError('openai: bad baseURL', { code: code as core.LLMErrorCode })),
    );
    expect(told.filter((text) => !/^[A-Z][^:]+\.$/.test(text))).toEqual([]);
    expect(new Set(told).size).toBe(8);
    expect(textFor(new core.LLMError('429', { code: 'rate_limit', retryAfterMs: 2500 }))).toMatch(/in 3 s\.$/);
  });

  it('finds the codes and the classes to look for', () => {
    expect(codes.length).toBeGreaterThan(15);
    expect(classes.length).toBeGreaterThan(12);
  });

  it.each(codes)('has a row for the code %s', (code) => {
    expect(page).toContain(`\n| \`${code}\` |`);
  });

  it.each(classes)('has the class %s in the row of its code', (name) => {
    const word = name
      .replace(/Error$/, '')
      .replaceAll(/\B[A-Z]/g, '_$&')
      .toLowerCase();
    expect(page).toContain(`\n| \`${word}\` | \`${name}\` |`);
  });

  it('names no code that there is not', () => {
    const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
    expect(new Set(named)).toEqual(new Set(codes));
  });
});
