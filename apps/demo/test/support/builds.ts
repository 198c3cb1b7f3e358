import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { runVite } from './commands.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the builds that the files of one run of the tests share. */
    demoBuilds: string;
  }
}

/** `static` is for a host that serves nothing but files. */
export type BuildKind = 'served' | 'static';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'rivulet-demo-'));
  project.provide('demoBuilds', folder);
  return () => rm(folder, { recursive: true });
}

export function build(kind: BuildKind, outDir: string, env: Record<string, string> = {}): Promise<void> {
  return runVite(
    ['build', '--outDir', outDir, '--emptyOutDir', ...(kind === 'static' ? ['--mode', 'static'] : [])],
    env,
  );
}

/** The folder of a build that all files of the run share. The first that needs it makes it. */
export async function built(kind: BuildKind): Promise<string> {
  const folder = join(inject('demoBuilds'), kind);
  const [ready, failed] = [`${folder}.ready`, `${folder}.failed`];
  if (await claim(`${folder}.claimed`)) {
    await build(kind, folder).then(
      () => writeFile(ready, ''),
      async (error: unknown) => {
        await writeFile(failed, '');
        throw error;
      },
    );
  }
  while (!(await exists(ready))) {
    if (await exists(failed)) throw new Error('The build failed in another file.');
    await sleep(100);
  }
  return folder;
}

/** Whether nobody was first. */
function claim(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    () => false,
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
