import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, type TestAPI } from 'vitest';
import type { Started } from './commands.ts';
import { startFakeUpstream, type FakeUpstream } from './fake-upstream.ts';
import { gateAnswers } from './hold-answers.ts';
import { collectComplaints, launchBrowser } from './pages.ts';
import { startPreview } from './servers.ts';

/** A demo and a browser for the tests of one file. */
export interface Demo {
  /** Without a slash at the end. */
  readonly url: string;
  readonly browser: Browser;
  /** What answers in place of OpenAI's models, if the file has a key. */
  readonly upstream: FakeUpstream;
}

/**
 * Serves the demo for as long as the file's tests run.
 * @param key is that of the upstream. Without one, the demo's own models answer all.
 */
export function demoOfFile({ key }: { readonly key?: string } = {}): Demo {
  let upstream: FakeUpstream | undefined;
  let served: Started | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    upstream = key === undefined ? undefined : await startFakeUpstream();
    const env = upstream && { OPENAI_API_KEY: key ?? '', OPENAI_BASE_URL: upstream.baseURL };
    [served, browser] = await Promise.all([startPreview(env), launchBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([served?.stop(), browser?.close(), upstream?.stop()]);
  });
  return {
    get url() {
      return present(served).url;
    },
    get browser() {
      return present(browser);
    },
    get upstream() {
      return present(upstream);
    },
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It is there while tests run, and the upstream only with a key.');
  return value;
}

/** A test with a page of its own, which may complain about nothing and whose answers can be held. */
export function pageTest(
  demo: Demo,
  open: (page: Page, url: string) => Promise<void>,
  options: BrowserContextOptions = {},
): TestAPI<{ page: Page }> {
  return test.extend<{ page: Page }>({
    page: async ({ task: _task }, provide) => {
      const page = await demo.browser.newPage({ reducedMotion: 'reduce', ...options });
      await page.addInitScript(gateAnswers);
      const complaints = collectComplaints(page);
      await open(page, demo.url);
      await provide(page);
      await page.close();
      expect(complaints).toEqual([]);
    },
  });
}
