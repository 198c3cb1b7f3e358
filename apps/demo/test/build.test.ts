import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateAnswers, holdAnswers } from './support/hold-answers.ts';
import { answerText, ask, collectComplaints, launchBrowser, openDemo, POLL, waitForStatus } from './support/pages.ts';
import { startPreviewOf, type Preview } from './support/servers.ts';

const KEY = 'sk-planted-51b7e0c2d4';

let preview: Preview;
let browser: Browser;

beforeAll(async () => {
  [preview, browser] = await Promise.all([
    startPreviewOf({ OPENAI_API_KEY: KEY, VITE_OPENAI_API_KEY: KEY, OPENAI_BASE_URL: 'https://provider.example/v1' }),
    launchBrowser(),
  ]);
});

afterAll(async () => {
  await Promise.all([preview?.stop(), browser?.close()]);
});

it('holds a planted key in no file, and no script', async () => {
  const entries = await readdir(preview.outDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThanOrEqual(4);
  for (const file of files) {
    const content = await readFile(join(file.parentPath, file.name), 'latin1');
    expect(content, file.name).not.toContain(KEY);
    expect(content, file.name).not.toContain('provider.example');
    // What composes the replies is the server's, and that of a static build.
    expect(content, file.name).not.toContain('Lower Weir');
  }
});

it('streams in the preview, under a policy that allows nothing but its own origin', async () => {
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  await page.addInitScript(gateAnswers);
  const complaints = collectComplaints(page);
  const hosts = new Set<string>();
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) hosts.add(new URL(request.url()).origin);
  });
  await openDemo(page, preview.url);
  expect(await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content')).toContain(
    "default-src 'none'",
  );

  await holdAnswers(page, 6000);
  await ask(page, 'Explain why there are two tides');
  await page.locator('.answer-text p').first().waitFor();
  const early = (await answerText(page)).length;
  await holdAnswers(page, 20_000);
  await expect.poll(async () => (await answerText(page)).length, POLL).toBeGreaterThan(early);
  await page.keyboard.press('Escape');
  await waitForStatus(page, 'Stopped.');
  expect((await answerText(page)).length).toBeGreaterThan(early);

  expect([...hosts]).toEqual([preview.url]);
  expect(complaints).toEqual([]);
});
