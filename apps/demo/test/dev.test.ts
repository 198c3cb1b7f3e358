import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDev, type Command } from './support/commands.ts';
import { answerText, ask, collectComplaints, launchBrowser, openDemo, waitForStatus } from './support/pages.ts';

// One visit, as a user makes it: the tests follow one another on the same page.
let demo: Command;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDev(), launchBrowser()]);
  page = await browser.newPage();
  complaints = collectComplaints(page);
  await openDemo(page, demo.url);
});

afterAll(async () => {
  await Promise.all([demo?.stop(), browser?.close()]);
});

it('shows the text growing while the answer streams', async () => {
  await ask(page, 'Explain how a river finds the sea');
  await page.locator('.answer-text p').first().waitFor();
  const lengths: number[] = [];
  for (let sample = 0; sample < 6; sample += 1) {
    lengths.push((await answerText(page)).length);
    await page.waitForTimeout(250);
  }
  expect(new Set(lengths).size).toBeGreaterThanOrEqual(5);
  expect(lengths.every((length, index) => length >= (lengths[index - 1] ?? 0))).toBe(true);
  await waitForStatus(page, 'Answer complete.');
  expect(await answerText(page)).toContain('A river knows nothing of the sea.');
});

it('keeps the text when it is stopped', async () => {
  await ask(page, 'Write a long story about a lighthouse keeper');
  await page.locator('.answer-text h3').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await waitForStatus(page, 'Stopped. The text so far is kept.');
  const text = await answerText(page);
  expect(text).toContain('A lighthouse keeper');
  await page.waitForTimeout(400);
  expect(await answerText(page)).toBe(text);
});

it('shows an error, and the next prompt works', async () => {
  await ask(page, 'Fail with a rate limit');
  await waitForStatus(page, 'Failed: Too many requests for now.');
  await page.getByRole('region', { name: 'Too many requests for now' }).waitFor();
  await ask(page, 'hi');
  await waitForStatus(page, 'Answer complete.');
  expect(await answerText(page)).toContain('Things to try');
});

it('is cut off without a warning of the server', async () => {
  await ask(page, 'Cut the answer off');
  await waitForStatus(page, 'Failed: The connection was lost.');
  expect(demo.output()).not.toMatch(/warning/i);
});

it('complains about nothing in the console', () => {
  expect(complaints).toEqual([]);
});
