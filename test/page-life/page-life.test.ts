import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { delta, DONE, finish, text } from '../../packages/core/test/support/chat-completions.ts';
import { startHttpServer, type Answer, type HttpServer } from '../support/http-server.ts';
import type { Outcome, Settings } from './page.ts';
import { canHide, openTab, startBrowser, type Tab } from './tab.ts';

const HTML = '<!doctype html><title>Page life</title><script type="module" src="/page.js"></script>';
const opening = { text: delta({ role: 'assistant', content: '' }) + text('Hello') };
const rest = { text: text(' again') + finish() + DONE };
/** A deadline of a stream that a busy machine keeps while it opens, hides and leaves pages. */
const DEADLINE_MS = 4000;
/** Longer than that deadline, so that it would pass if it did not rest. */
const LONG_MS = 6000;
/** For `vi.waitFor`: its own default is a second. */
const POLL = { timeout: 15_000 };

const UNFIT = 'this build of Chromium neither hides its tabs nor keeps pages in a cache: install Chromium or Chrome';

/** The built page, by path. */
let files: ReadonlyMap<string, string>;
let browser: Browser;
let isWhole = false;

beforeAll(async () => {
  const result = await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['source', 'browser', 'import'] },
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL('page.ts', import.meta.url)), formats: ['es'], fileName: 'page' },
    },
  });
  const [bundle] = [result].flat();
  if (!bundle || !('output' in bundle)) throw new Error('The page was not built');
  files = new Map(bundle.output.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code]] : [])));
  browser = await startBrowser();
  isWhole = await canHide(browser);
}, 60_000);

afterAll(() => browser.close());

/** Serves the page, and beside it a model that answers with `answer`. */
function serve(answer: Answer): Promise<HttpServer> {
  return startHttpServer(({ path }): Answer => {
    if (path === '/chat/completions') return answer;
    const code = files.get(path);
    if (code !== undefined) return { headers: { 'content-type': 'text/javascript' }, chunks: [{ text: code }] };
    return { headers: { 'content-type': 'text/html' }, chunks: [{ text: HTML }] };
  });
}

async function openPage(server: HttpServer): Promise<Tab> {
  const tab = await openTab(browser, server.url);
  await vi.waitFor(async () => expect(await tab.evaluate('typeof pageLife')).toBe('object'), POLL);
  return tab;
}

const start = (settings: Settings): string => `pageLife.start(${JSON.stringify(settings)})`;

interface Page {
  evaluate<T>(expression: string): Promise<T>;
}

function outcomeOf(page: Page): Promise<Outcome> {
  return vi.waitUntil<Outcome | undefined>(() => page.evaluate('pageLife.outcome'), POLL);
}

async function hasText(page: Page, expected: string): Promise<void> {
  await vi.waitFor(async () => expect(await page.evaluate('pageLife.snapshot().text')).toBe(expected), POLL);
}

async function waitsForNetwork(page: Page): Promise<void> {
  await vi.waitFor(
    async () => expect(await page.evaluate('pageLife.snapshot().retry')).toMatchObject({ attempt: 1 }),
    POLL,
  );
}

/** Lets the rest of the answer through, and waits until all of it was sent or the connection was cut. */
async function finishAnswer(server: HttpServer, gate: string): Promise<void> {
  server.release(gate);
  const isFinished = (): boolean =>
    server.requests.some(({ path, finished }) => path === '/chat/completions' && finished);
  await vi.waitUntil(isFinished, POLL);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe.concurrent('in a hidden page', () => {
  it('the silence of the server does not count, and does again when the page is seen', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    await using server = await serve({ chunks: [opening], end: 'hang' });
    const tab = await openPage(server);
    await tab.evaluate(start({ timeout: { idleMs: DEADLINE_MS } }));
    await hasText(tab, 'Hello');
    await tab.hide();

    await pause(LONG_MS);
    expect(await tab.evaluate('pageLife.outcome')).toBeUndefined();
    await tab.show();

    expect(await outcomeOf(tab)).toEqual({
      text: 'Hello',
      error: { name: 'TimeoutError', code: 'timeout', phase: 'idle', isRetryable: true },
    });
    await vi.waitFor(() => expect(server.requests.at(-1)?.closedEarly).toBe(true), POLL);
  });

  it('nor does the wait for the headers', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    await using server = await serve({ headersDelayMs: 60_000 });
    const tab = await openPage(server);
    await tab.hide();
    await tab.evaluate(start({ timeout: { headersMs: DEADLINE_MS } }));

    await pause(LONG_MS);
    expect(await tab.evaluate('pageLife.outcome')).toBeUndefined();
    await tab.show();

    expect((await outcomeOf(tab)).error).toMatchObject({ name: 'TimeoutError', phase: 'headers' });
  });

  it('what comes is read and told, though there are no frames', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    await using server = await serve({ chunks: [opening, { ...rest, gate: 'rest' }] });
    const tab = await openPage(server);
    await tab.evaluate(start({}));
    await hasText(tab, 'Hello');
    await tab.hide();
    server.release('rest');

    expect(await outcomeOf(tab)).toEqual({ text: 'Hello again', finishReason: 'stop' });
    expect(await tab.evaluate('pageLife.events.at(-1)')).toBe('Hello again');
    expect(await tab.evaluate('document.hidden')).toBe(true);
  });

  it('that was frozen, what came meanwhile is read', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    await using server = await serve({ chunks: [opening, { ...rest, gate: 'rest' }] });
    const tab = await openPage(server);
    await tab.evaluate(start({ timeout: { idleMs: DEADLINE_MS } }));
    await hasText(tab, 'Hello');
    await tab.hide();
    await tab.freeze();
    server.release('rest');
    await pause(LONG_MS);
    await tab.thaw();
    await tab.show();

    expect(await outcomeOf(tab)).toEqual({ text: 'Hello again', finishReason: 'stop' });
    expect(await tab.evaluate('pageLife.events')).toEqual(expect.arrayContaining(['freeze', 'resume']));
  });
});

describe.concurrent('a page that comes back from the back/forward cache', () => {
  interface Visit {
    readonly answer: Answer;
    /** What happens while the page is in the cache. */
    readonly away: (server: HttpServer) => Promise<void>;
    readonly back?: (server: HttpServer) => Promise<void>;
  }

  async function leaveAndComeBack({ answer, away, back }: Visit): Promise<Outcome> {
    await using server = await serve(answer);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.evaluate(start({ timeout: { idleMs: DEADLINE_MS } }));
    await hasText(page, 'Hello');
    await page.goto(`${server.url}/elsewhere`);
    await away(server);
    // Nothing is loaded, so there is no load event to wait for.
    await page.goBack({ waitUntil: 'commit' });
    expect(await page.evaluate('pageLife.events')).toContain('back from the cache');
    await back?.(server);
    const outcome = await outcomeOf(page);
    await context.close();
    return outcome;
  }

  it('goes on with a stream that lives', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    const outcome = await leaveAndComeBack({
      answer: { chunks: [opening, { ...rest, gate: 'rest' }] },
      away: (server) => finishAnswer(server, 'rest'),
    });

    expect(outcome).toEqual({ text: 'Hello again', finishReason: 'stop' });
  });

  it('gives the server its whole time to go on', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    const outcome = await leaveAndComeBack({
      answer: { chunks: [opening, { ...rest, gate: 'rest' }] },
      // So long that no timer of a page that runs comes so late.
      away: () => pause(11_000),
      async back(server) {
        await pause(300);
        server.release('rest');
      },
    });

    expect(outcome).toEqual({ text: 'Hello again', finishReason: 'stop' });
  });

  it('settles a stream whose connection broke meanwhile', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    const outcome = await leaveAndComeBack({
      answer: { chunks: [opening, { gate: 'break' }], end: 'destroy' },
      away: (server) => finishAnswer(server, 'break'),
    });

    expect(outcome).toMatchObject({ text: 'Hello', error: { name: 'NetworkError' } });
  });

  it('settles a stream that is silent for ever', async ({ skip }) => {
    skip(!isWhole, UNFIT);
    const outcome = await leaveAndComeBack({ answer: { chunks: [opening], end: 'hang' }, away: () => pause(500) });

    expect(outcome).toMatchObject({ text: 'Hello', error: { name: 'TimeoutError', phase: 'idle' } });
  });
});

describe.concurrent('a page that is offline', () => {
  async function offline(settings: Settings) {
    const server = await serve({ chunks: [opening, rest] });
    const context: BrowserContext = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.waitForFunction('typeof pageLife === "object"');
    await context.setOffline(true);
    await page.evaluate(start(settings));
    const asked = (): number => server.requests.filter(({ path }) => path === '/chat/completions').length;
    const close = async (): Promise<void> => {
      await context.close();
      await server.close();
    };
    return { context, page, asked, close };
  }

  it('is told apart from a server that is out of reach', async () => {
    const { page, close } = await offline({});

    expect((await outcomeOf(page)).error).toEqual({
      name: 'NetworkError',
      code: 'network',
      isOffline: true,
      isRetryable: true,
    });
    await close();
  });

  it('can wait for the network instead of spending its attempts, and says so', async () => {
    const { context, page, asked, close } = await offline({ waitForOnline: true });
    await waitsForNetwork(page);
    await pause(LONG_MS);
    expect(await page.evaluate('pageLife.outcome')).toBeUndefined();
    expect(asked()).toBe(0);

    await context.setOffline(false);

    expect(await outcomeOf(page)).toEqual({ text: 'Hello again', finishReason: 'stop' });
    expect(asked()).toBe(1);
    await close();
  });

  it('can be stopped while it waits', async () => {
    const { context, page, asked, close } = await offline({ waitForOnline: true });
    await waitsForNetwork(page);
    await page.evaluate('pageLife.abort()');

    expect((await outcomeOf(page)).error).toMatchObject({ name: 'AbortError' });
    await context.setOffline(false);
    // This request arrives after any that the run would have sent.
    await page.evaluate('fetch("/later").then((response) => response.text())');
    expect(asked()).toBe(0);
    await close();
  });
});

it('a page that is online says so when a server is out of reach', async () => {
  await using server = await serve({});
  const tab = await openPage(server);
  await server.close();
  await tab.evaluate(start({}));

  expect((await outcomeOf(tab)).error).toMatchObject({ name: 'NetworkError', isOffline: false });
});
