import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer } from '../../packages/core/test/support/chat-completions.ts';
import { findChromium } from '../support/chromium.ts';
import { startHttpServer, type Answer, type HttpServer } from '../support/http-server.ts';

const html = (entry: string): string =>
  `<!doctype html><title>Recipe</title><body><script type="module" src="/${entry}.js"></script></body>`;
const PAGES = new Map([
  ['/', html('page')],
  ['/form', html('form')],
]);
const GONE: Answer = { status: 404, headers: { 'content-type': 'text/plain' } };

let files: ReadonlyMap<string, string>;
/** The path of the chunk that asks for objects and reads them. */
let late: string;
/** The path of the chunk that speaks Chat Completions. */
let wire: string;
let browser: Browser;

beforeAll(async () => {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [react()],
    resolve: { conditions: ['source', 'browser', 'import'] },
    build: {
      write: false,
      rolldownOptions: {
        input: [new URL('page.tsx', import.meta.url), new URL('form.tsx', import.meta.url)].map((url) =>
          fileURLToPath(url),
        ),
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  const chunks = (built as Rolldown.RolldownOutput).output.filter((file) => file.type === 'chunk');
  files = new Map(chunks.map(({ fileName, code }) => [`/${fileName}`, code]));
  const pathOf = (module: string): string =>
    `/${chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module))?.fileName}`;
  late = pathOf('/object/strategy.ts');
  wire = pathOf('/openai-wire.ts');
  browser = await chromium.launch(findChromium());
}, 60_000);

afterAll(() => browser.close());

/** Serves the page and a model, and of the page's files those that are still `there`. */
function serve(isThere: (path: string) => boolean): Promise<HttpServer> {
  return startHttpServer(({ path }): Answer => {
    if (path === '/chat/completions') return { chunks: [{ text: answer('{"title":"Borscht"}') }] };
    const page = PAGES.get(path);
    if (page !== undefined) return { headers: { 'content-type': 'text/html' }, chunks: [{ text: page }] };
    const code = files.get(path);
    if (code === undefined) return GONE;
    return isThere(path) ? { headers: { 'content-type': 'text/javascript' }, chunks: [{ text: code }] } : GONE;
  });
}

/** Asks, and waits for the page to say this. */
async function ask(page: Page, says: string): Promise<void> {
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.getByRole('status').filter({ hasText: says }).waitFor({ timeout: 5000 });
}

describe('the part that asks for objects', () => {
  it('is loaded once the hook has rendered, so that later the files of the page may be gone', async () => {
    let isDeployed = true;
    await using server = await serve(() => isDeployed);
    const page = await browser.newPage();
    await page.goto(server.url, { waitUntil: 'networkidle' });
    isDeployed = false;
    await ask(page, 'Borscht');
    expect(server.requests.filter(({ path }) => path === late)).toHaveLength(1);
    await page.close();
  });

  it('that cannot be loaded is an error of the run, which says what helps, and nothing else', async () => {
    await using server = await serve((path) => path !== late);
    const page = await browser.newPage();
    const uncaught: Error[] = [];
    page.on('pageerror', (error) => uncaught.push(error));
    await page.goto(server.url);
    await ask(page, 'network: The part of Rivulet for objects could not be loaded: reload the page');
    expect(server.requests.filter(({ path }) => path === '/chat/completions')).toEqual([]);
    expect(uncaught).toEqual([]);
    await page.close();
  });

  it('is loaded by a form too', async () => {
    let isDeployed = true;
    await using server = await serve(() => isDeployed);
    const page = await browser.newPage();
    await page.goto(`${server.url}/form`, { waitUntil: 'networkidle' });
    isDeployed = false;
    await ask(page, 'here: Borscht');
    await page.close();
  });
});

it('sends no request if the code that reads the answer cannot be loaded, and says what helps', async () => {
  await using server = await serve((path) => path !== wire);
  const page = await browser.newPage();
  const uncaught: Error[] = [];
  page.on('pageerror', (error) => uncaught.push(error));
  await page.goto(server.url);

  await ask(page, 'network: The part of Rivulet for requests could not be loaded: reload the page');

  expect(server.requests.filter(({ path }) => path === wire)).not.toEqual([]);
  expect(server.requests.filter(({ path }) => path === '/chat/completions')).toEqual([]);
  expect(uncaught).toEqual([]);
  await page.close();
});
