import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findViolations } from './support/axe.ts';
import {
  answerText,
  ask,
  choose,
  collectComplaints,
  launchBrowser,
  openDemo,
  waitForStatus,
  watchLengths,
} from './support/pages.ts';
import { startStatic } from './support/servers.ts';

// One visit to the static build, which a plain server of files serves from a folder.
let host: Awaited<ReturnType<typeof startStatic>>;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [host, browser] = await Promise.all([startStatic(), launchBrowser()]);
  page = await browser.newPage({ reducedMotion: 'reduce' });
  complaints = collectComplaints(page);
  await openDemo(page, host.url);
});

afterAll(async () => {
  await Promise.all([host?.stop(), browser?.close()]);
});

it('says plainly that it is scripted', async () => {
  expect(await page.getByText('This page is scripted. No model is asked').isVisible()).toBe(true);
  expect(await page.getByRole('banner').innerText()).toContain('Scripted');
  expect(await page.getByLabel('Provider', { exact: true }).count()).toBe(0);
  expect(await findViolations(page)).toEqual([]);
});

it('streams an answer, with its reasoning and its counts', async () => {
  await choose(page, 'Model', 'Demo, fast');
  const lengthsSoFar = await watchLengths(page);
  await ask(page, 'Think: how many piano tuners does Lisbon have?');
  await waitForStatus(page, 'Answer complete.');
  expect((await lengthsSoFar()).length).toBeGreaterThan(1);
  expect(await answerText(page)).toContain('About 25');
  expect(await page.locator('details', { hasText: 'Reasoning' }).innerText()).toContain('Fermi');
  expect(await page.getByRole('region', { name: 'Measurements' }).innerText()).toMatch(/Tokens out\s+\d{3}/);
});

it.each([
  ['Fail with a rate limit', 'Failed: Too many requests for now.'],
  ['Refuse my key', 'Failed: The key was not accepted.'],
  ['Cut the answer off', 'Failed: The connection was lost.'],
  ['Reach the token limit', 'Answer cut off at the token limit.'],
])('fails as the served one does: %s', async (prompt, status) => {
  await ask(page, prompt);
  await waitForStatus(page, status);
});

it('is stopped', async () => {
  // Slow enough for a machine that is late.
  await ask(page, 'Take your time and write a long story about a ferry');
  await page.locator('.answer-text p', { hasText: 'demo model' }).waitFor();
  await page.keyboard.press('Escape');
  await waitForStatus(page, 'Stopped.');
  expect(await answerText(page)).toContain('demo model');
});

it('fills a form', async () => {
  await page.getByRole('link', { name: 'Form' }).click();
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await waitForStatus(page, 'The form is filled.');
  expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('Northwind Timber Ltd.');
  expect(await page.getByLabel('Total', { exact: true }).inputValue()).toBe('322.32');
});

it('holds a conversation, with tools that run and one that waits', async () => {
  await page.getByRole('link', { name: 'Chat' }).click();
  await page.getByLabel('Message', { exact: true }).fill('What time is it in Tokyo and what is 17*23?');
  await page.keyboard.press('Enter');
  await page.getByText('17×23 = 391').waitFor();
  await page.getByLabel('Message', { exact: true }).fill('Send an email to ada@example.org about the weir');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Don’t allow' }).click();
  await page.getByText('You did not allow').waitFor();
  await waitForStatus(page, 'Answer complete.');
  expect(await findViolations(page)).toEqual([]);
});

it('asks for nothing but its own files, and complains about nothing', () => {
  expect(host.requests.length).toBeGreaterThanOrEqual(5);
  for (const request of host.requests) expect(request).toMatch(/^GET \/some\/folder\//);
  expect(complaints).toEqual([]);
});
