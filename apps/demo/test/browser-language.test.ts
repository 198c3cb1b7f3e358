import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isReadableLanguage } from '../src/pages/query/is-readable-language.ts';
import { demoOfFile } from './support/demo-of-file.ts';
import { ask, choose, collectComplaints, openDemo, waitForStatus } from './support/pages.ts';

const demo = demoOfFile();

describe('isReadableLanguage', () => {
  it.each(['en-US', 'de', 'zh-Hant-TW', 'en-US-u-va-posix', 'und', '', undefined])('accepts %j', (language) => {
    expect(isReadableLanguage(language)).toBe(true);
  });

  it.each(['en-US@posix', 'C', 'C.UTF-8', 'de_DE', 'en_US.UTF-8', '-', 'English language'])(
    'rejects %j',
    (language) => {
      expect(isReadableLanguage(language)).toBe(false);
    },
  );
});

it('sets the language of the test browser, independent of the machine', async () => {
  const page = await demo.browser.newPage();
  const languages = await page.evaluate(() => [navigator.language, new Intl.NumberFormat().resolvedOptions().locale]);
  expect(languages).toEqual(['en-US', 'en-US']);
  await page.close();
});

describe.concurrent('the demo works in a browser whose language is', () => {
  it('"en-US@posix", also for Intl, on every page', async ({ expect }) => {
    const page = await demo.browser.newPage({ reducedMotion: 'reduce', locale: 'en-US@posix' });
    const complaints = collectComplaints(page);
    await openDemo(page, demo.url);
    expect(await page.evaluate(() => navigator.language)).toBe('en-US@posix');
    await completes(page);

    await page.getByRole('link', { name: 'Chat', exact: true }).click();
    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await page.getByLabel('Message', { exact: true }).fill('What time is it in Tokyo, and what is 17*230?');
    await page.getByLabel('Message', { exact: true }).press('Enter');
    await page.getByText('17×230 = 3910').waitFor();
    await page.getByRole('group', { name: 'Clock', exact: true }).getByText('Asia/Tokyo').waitFor();

    await page.getByRole('link', { name: 'Batch' }).click();
    await choose(page, 'Model', 'Demo, fast');
    await page.getByRole('button', { name: /^Try it with/ }).click();
    await waitForStatus(page, 'Finished:');

    await page.getByRole('link', { name: 'Object' }).click();
    await choose(page, 'Model', 'Demo, fast');
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Final.');

    await page.getByRole('link', { name: 'Form' }).click();
    await choose(page, 'Model', 'Demo, fast');
    await page.getByRole('button', { name: 'Fill the form' }).click();
    await waitForStatus(page, 'The form is filled.');

    await queryCompletes(page);
    await page.getByText('cannot read this browser’s language, “en-US@posix”').waitFor();
    await page.close();
    expect(complaints).toEqual([]);
  });

  it.for(['C', 'de_DE'])('%j, without the devtools', async (language, { expect }) => {
    const { page, complaints } = await openWith(language);
    await completes(page);
    await queryCompletes(page);
    await page.getByText(`cannot read this browser’s language, “${language}”`).waitFor();
    await page.close();
    expect(complaints).toEqual([]);
  });

  it.for(['', undefined])('%j, with the devtools', async (language, { expect }) => {
    const { page, complaints } = await openWith(language);
    await completes(page);
    await queryCompletes(page);
    await page.locator('.query-devtools-host').getByText('Mutations').waitFor();
    await page.close();
    expect(complaints).toEqual([]);
  });
});

it('keeps the Query page when the devtools do not load', async () => {
  const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
  await page.route(/QueryDevtools-[^/]*\.js$/, (route) => route.abort());
  await openDemo(page, demo.url);
  await queryCompletes(page);
  await page.getByText('The devtools did not load.').waitFor();
  await page.close();
});

/** A page in which `navigator.language` has the value. */
async function openWith(language: string | undefined): Promise<{ page: Page; complaints: string[] }> {
  const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
  await page.addInitScript((value) => {
    Object.defineProperty(navigator, 'language', { get: () => value });
    Object.defineProperty(navigator, 'languages', { get: () => (value === undefined ? undefined : [value]) });
  }, language);
  const complaints = collectComplaints(page);
  await openDemo(page, demo.url);
  return { page, complaints };
}

async function completes(page: Page): Promise<void> {
  await choose(page, 'Model', 'Demo, fast');
  await ask(page, 'hi');
  await waitForStatus(page, 'Answer complete.');
}

async function queryCompletes(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Query' }).click();
  await choose(page, 'Model', 'Demo, fast');
  await page.locator('.topic-list').getByRole('button', { name: 'Explain why there are two tides' }).click();
  await waitForStatus(page, 'Answer complete.');
}
