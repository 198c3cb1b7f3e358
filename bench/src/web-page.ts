import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { build, defaultClientConditions } from 'vite';
import { findChromium } from '../../test/support/chromium.ts';
import { cache } from './bundle.ts';

const HTML =
  '<!doctype html><html lang="en"><title>Bench</title><link rel="icon" href="data:," />' +
  '<div id="root"></div><script type="module" src="/page.js"></script></html>';

/** What to put in place of `react`, for a page that is built a second time on React 18.2. */
export const react18: Readonly<Record<string, string>> = Object.fromEntries(
  ['react/jsx-runtime', 'react-dom/client', 'react-dom', 'react'].map((name) => [
    name,
    fileURLToPath(import.meta.resolve(name.replace(/^react(-dom)?/, '$&-18'))),
  ]),
);

/** Builds a page for production, our own packages from their sources. Gives its script. */
export async function buildPage(entry: URL, alias: Readonly<Record<string, string>> = {}): Promise<string> {
  const outDir = `${cache}/page`;
  await build({
    root: fileURLToPath(new URL('.', entry)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source', ...defaultClientConditions], alias },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      rolldownOptions: { input: fileURLToPath(entry), output: { entryFileNames: 'page.js', codeSplitting: false } },
    },
  });
  return readFile(`${outDir}/page.js`, 'utf8');
}

export interface Site extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
}

/** Serves a page on a free loopback port; `api` gives true for the requests that it answers itself. */
export async function serve(
  script: string,
  api: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<Site> {
  const server = createServer((request, response) => {
    if (api(request, response)) return;
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Runs `work` on a page of a Chromium of its own. An error in the page fails the bench. */
export async function withPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch(findChromium());
  try {
    const page = await browser.newPage();
    const failed = new Promise<never>((_resolve, reject) => page.once('pageerror', reject));
    return await Promise.race([work(page), failed]);
  } finally {
    await browser.close();
  }
}
