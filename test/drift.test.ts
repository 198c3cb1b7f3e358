import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const check = fileURLToPath(new URL('../drift/src/check.ts', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

/** What the compiler prints for a list and the type of an SDK. */
async function outputFor(sdk: string, listed: string, older = 'never'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drift-'));
  const file = join(folder, 'sdk.ts');
  const lines = [
    `import type { Check, Drift } from ${JSON.stringify(check)};`,
    `interface Event<T> { readonly type: T }`,
    `type SdkEvent = ${sdk
      .split('|')
      .map((type) => `Event<${type}>`)
      .join(' | ')};`,
    `export type Wire = Check<{ events: Drift<SdkEvent['type'], ${listed}, ${older}> }>;`,
  ];
  await writeFile(file, lines.join('\n'));
  const options = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--module', 'esnext'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...options, file], { cwd: folder });
    return stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it.each<[string, string, string, string[]]>([
  ["'text' | 'brand_new'", "'text'", 'never', ['events', 'new in the SDK', '\'"brand_new"\' is not assignable']],
  ["'text'", "'text' | 'retired'", 'never', ['no longer in the SDK', '\'"retired"\' is not assignable']],
  ["'text' | 'back'", "'text'", "'back'", ['listed as older, but in the SDK', '\'"back"\' is not assignable']],
  ["'text'", "'text'", "'retired'", []],
])(
  'the drift check of %s against %s and older %s prints %j',
  async (sdk, listed, older, expected) => {
    const output = await outputFor(sdk, listed, older);

    for (const text of expected) expect(output).toContain(text);
    if (expected.length === 0) expect(output).toBe('');
  },
  60_000,
);
