import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { ask } from '../docs/examples/ask.ts';
import { startHttpServer } from './support/http-server.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

describe('the README', () => {
  it.each(['docs/examples/ask.ts', 'docs/examples/Ask.tsx'])('shows %s as it is', (path) => {
    expect(read('README.md')).toContain(`\n${read(path)}\`\`\``);
  });

  it.each([...read('README.md').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => path ?? ''))(
    'links to %s, which exists',
    (path) => {
      expect(() => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)))).not.toThrow();
    },
  );
});

describe('its example of the core', () => {
  it('streams an answer', async () => {
    const shown: string[] = [];

    const answer = await ask(`${inject('modelServerUrl')}/v1`, 'hello', (text) => shown.push(text));

    expect(shown.length).toBeGreaterThan(1);
    expect(answer).toBe(shown.join(''));
  });

  it('keeps what came before the connection broke', async () => {
    const chunk = 'data: {"choices":[{"delta":{"content":"Rivers"}}]}\n\n';
    await using server = await startHttpServer({ chunks: [{ text: chunk }], end: 'destroy' });

    expect(await ask(server.url, 'hello', () => undefined)).toBe('Rivers');
  });
});
