// Packs the published packages and checks the tarballs: what is exported exists, resolves and has types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  name: string;
  exports: Record<string, Record<string, string>>;
  publishConfig: { exports: Record<string, Record<string, string>> };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rivulet-pack-'));

function run(command: string, args: string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
}

/** `publishConfig.exports` is `exports` without the sources, which are not published. */
function checkExports(manifest: Manifest): void {
  const expected = Object.entries(manifest.exports).map(([path, { source: _, ...published }]) => [path, published]);
  if (JSON.stringify(Object.fromEntries(expected)) !== JSON.stringify(manifest.publishConfig.exports)) {
    throw new Error(`${manifest.name}: publishConfig.exports must be exports without "source", in the same order`);
  }
}

/** Bundlers and frameworks look for the directive at the top of each built module that had one in its source. */
function checkDirectives(packageFolder: string): void {
  const directive = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*['"]use client['"]/;
  for (const file of readdirSync(join(packageFolder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file) || !directive.test(readFileSync(join(packageFolder, 'src', file), 'utf8'))) continue;
    const built = join(packageFolder, 'dist', file.replace(/\.tsx?$/, '.js'));
    if (!directive.test(readFileSync(built, 'utf8'))) throw new Error(`${built} has lost its 'use client'`);
  }
}

try {
  for (const name of ['core', 'react']) {
    const packageFolder = join(root, 'packages', name);
    checkExports(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as Manifest);
    checkDirectives(packageFolder);
    run('pnpm', ['pack', '--pack-destination', folder], packageFolder);
  }
  for (const tarball of readdirSync(folder)) {
    console.log(`\n${basename(tarball)}`);
    run('publint', ['run', '--strict', join(folder, tarball)], root);
    run('attw', ['--profile', 'esm-only', join(folder, tarball)], root);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
