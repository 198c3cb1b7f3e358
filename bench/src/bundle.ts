import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The folder of this package. */
const root: string = fileURLToPath(new URL('..', import.meta.url));

/** Where builds go. */
export const cache: string = `${root}node_modules/.cache/bench`;

/**
 * Bundles a program for Node, our own packages from their sources and everything else from `node_modules`. What is
 * measured is then what a build publishes: the loader that runs the rest of this folder slows closures down.
 */
export async function bundleForNode(entry: URL): Promise<string> {
  const file = fileURLToPath(entry);
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: [/^@rivulet\//], resolve: { conditions: ['source', 'module', 'node', 'import', 'default'] } },
    build: { ssr: file, outDir: `${cache}/node`, target: 'node20', minify: false, sourcemap: true, emptyOutDir: true },
  });
  return `${cache}/node/${basename(file, '.ts')}.js`;
}
