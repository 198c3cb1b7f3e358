import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDev, type Command } from './support/commands.ts';
import { gateAnswers, holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import {
  answerText,
  ask,
  collectComplaints,
  launchBrowser,
  openDemo,
  rendered,
  waitForStatus,
  watchLengths,
} from './support/pages.ts';

// One visit, as a user makes it: the tests follow one another on the same page.
let demo: Command;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDev(), launchBrowser()]);
  page = await browser.newPage();
  await page.addInitScript(gateAnswers);
  complaints = collectComplaints(page);
  await openDemo(page, demo.url);
});

afterAll(async () => {
  await Promise.all([demo?.stop(), browser?.close()]);
});

it('shows the text growing while the answer streams', async () => {
  const lengthsSoFar = await watchLengths(page);
  await ask(page, 'Explain how a river finds the sea');
  await waitForStatus(page, 'Answer complete.');
  const lengths = await lengthsSoFar();
  expect(lengths.length).toBeGreaterThanOrEqual(5);
  expect(lengths.every((length, index) => length >= (lengths[index - 1] ?? 0))).toBe(true);
  expect(await answerText(page)).toContain('A river knows nothing of the sea.');
});

it('keeps the text when it is stopped', async () => {
  await holdAnswers(page, 20_000);
  await ask(page, 'Write a long story about a lighthouse keeper');
  await page.locator('.answer-text h3').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await waitForStatus(page, 'Stopped. The text so far is kept.');
  const text = await answerText(page);
  expect(text).toContain('A lighthouse keeper');
  await releaseAnswers(page);
  await rendered(page);
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
