import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readSettings } from '../server/settings.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rivulet-demo-'));
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL']) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('is offline without a key', () => {
  expect(readSettings('development', [folder])).toEqual({ mode: 'offline' });
});

it('reads key, address and model from .env.local', async () => {
  await writeFile(
    join(folder, '.env.local'),
    'OPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=https://provider.example/v1/\nOPENAI_MODEL=m\n',
  );
  expect(readSettings('development', [folder])).toEqual({
    mode: 'provider',
    apiKey: 'sk-1',
    baseURL: 'https://provider.example/v1',
    model: 'm',
  });
});

it('goes to OpenAI by default', () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-2');
  expect(readSettings('development', [folder])).toMatchObject({ apiKey: 'sk-2', baseURL: 'https://api.openai.com/v1' });
});

it.each(['http://provider.example/v1', 'ftp://provider.example', 'provider'])(
  'refuses to send a key to %s',
  (baseURL) => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-3');
    vi.stubEnv('OPENAI_BASE_URL', baseURL);
    expect(() => readSettings('development', [folder])).toThrow('OPENAI_BASE_URL');
  },
);

it('sends a key in clear text to a server of this machine only', () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-4');
  vi.stubEnv('OPENAI_BASE_URL', 'http://localhost:11434/v1');
  expect(readSettings('development', [folder])).toMatchObject({ baseURL: 'http://localhost:11434/v1' });
});
