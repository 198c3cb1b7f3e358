import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build, built } from './builds.ts';
import { startVite, type Started } from './commands.ts';

export interface Preview extends Started {
  /** The folder with the built files. */
  outDir: string;
}

/** Serves the build of the demo with `vite preview`. */
export async function startPreview(env: Record<string, string> = {}): Promise<Started> {
  return startVite(['preview', '--outDir', await built('served')], env);
}

/** Builds the demo in an environment of its own, and serves that with `vite preview`. */
export async function startPreviewOf(env: Record<string, string>): Promise<Preview> {
  const outDir = await mkdtemp(join(tmpdir(), 'rivulet-demo-'));
  await build('served', outDir, env);
  const { url, stop } = await startVite(['preview', '--outDir', outDir]);
  return {
    url,
    outDir,
    stop: async () => {
      await stop();
      await rm(outDir, { recursive: true });
    },
  };
}

/** Serves the build for a plain host of files, from a folder of one. */
export async function startStatic(): Promise<Started & { requests: readonly string[] }> {
  const outDir = await built('static');
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    const path = /^\/some\/folder\/([\w./-]*)$/.exec(req.url ?? '')?.[1] ?? '..';
    const type = TYPES[extname(path || 'index.html')];
    readFile(join(outDir, path || 'index.html')).then(
      (content) => (type && !path.includes('..') ? res.setHeader('content-type', type).end(content) : notFound(res)),
      () => notFound(res),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

function notFound(res: ServerResponse): void {
  res.writeHead(404).end();
}
