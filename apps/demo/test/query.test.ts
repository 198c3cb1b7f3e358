import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { findViolations } from './support/axe.ts';
import { answerText, event } from './support/fake-upstream.ts';
import { collectComplaints, waitForStatus } from './support/pages.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

const RIVER = 'Explain how a river finds the sea';
const TIDES = 'Explain why there are two tides';

const demo = demoOfFile({ key: 'sk-test' });

beforeEach(() => {
  demo.upstream.requests.length = 0;
  demo.upstream.answer = (res) => answerText(res, [`Answer ${demo.upstream.requests.length} `, 'is whole.']);
});

const it = pageTest(demo, openQuery);

describe('an answer', () => {
  it('comes in two places at once, from one request, and the cache holds none of it until it is whole', async ({
    page,
  }) => {
    const goOn = answerInTwo();
    await topic(page, RIVER).click();
    await page.locator('.answer-text', { hasText: 'Half of it' }).waitFor();
    await page.locator('.query-margin', { hasText: /Words\s*3/ }).waitFor();
    const devtools = page.locator('.query-devtools-host');
    await devtools.getByText('"completion"').click();
    await devtools.getByText('Data Explorer').waitFor();
    expect(await devtools.innerText()).not.toContain('Half');
    goOn();
    await waitForStatus(page, 'Answer complete. 6 words.');
    expect(await page.locator('.answer-text').innerText()).toBe('Half of it, and the rest.');
    expect(await page.locator('.query-margin').innerText()).toMatch(/Words\s+6[^]*in the cache/);
    expect(await page.locator('.query-count').innerText()).toBe('Requests sent: 1');
    expect(demo.upstream.requests).toHaveLength(1);
  });

  it('is asked for when it is pointed at or has the focus, and there when it is opened', async ({ page }) => {
    await topic(page, RIVER).hover();
    await page.getByRole('button', { name: `${RIVER} in the cache` }).waitFor();
    await topic(page, TIDES).focus();
    await page.getByRole('button', { name: `${TIDES} in the cache` }).waitFor();
    await topic(page, RIVER).click();
    await waitForStatus(page, 'Answer complete. 4 words.');
    await topic(page, TIDES).click();
    await page.locator('.answer-text', { hasText: 'Answer 2 is whole.' }).waitFor();
    expect(demo.upstream.requests).toHaveLength(2);
  });

  it('has others beside it, which stay', async ({ page }) => {
    await topic(page, RIVER).click();
    await waitForStatus(page, 'Answer complete.');
    await page.getByRole('button', { name: 'Another answer' }).click();
    await page.locator('.answer-text', { hasText: 'Answer 2 is whole.' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Another answer');
    await page.getByRole('button', { name: 'Answer 1' }).click();
    await page.locator('.answer-text', { hasText: 'Answer 1 is whole.' }).waitFor();
    expect(await page.locator('.query-count').innerText()).toBe('Requests sent: 2');
  });

  it('is made anew in its place by the devtools', async ({ page }) => {
    await topic(page, RIVER).click();
    await waitForStatus(page, 'Answer complete.');
    demo.upstream.answer = (res) => answerText(res, ['Quite ', 'another one.']);
    const devtools = page.locator('.query-devtools-host');
    await devtools.getByText('"completion"').click();
    await devtools.getByRole('button', { name: 'Refetch' }).click();
    await page.locator('.answer-text', { hasText: 'Quite another one.' }).waitFor();
    expect(await page.locator('.answer-text').innerText()).toBe('Quite another one.');
  });

  it('is stopped, keeps its text, and is asked for again with the same button', async ({ page }) => {
    answerInTwo();
    await topic(page, RIVER).click();
    await page.locator('.answer-text', { hasText: 'Half of it' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).press('Enter');
    await demo.upstream.requests[0]?.aborted;
    await waitForStatus(page, 'Stopped.');
    expect(await page.locator('.answer-text').innerText()).toBe('Half of it');
    expect(await page.locator('.query-margin').innerText()).toContain('not cached');
    demo.upstream.answer = (res) => answerText(res, ['All of it.']);
    await page.keyboard.press('Enter');
    await waitForStatus(page, 'Answer complete. 3 words.');
    expect(demo.upstream.requests).toHaveLength(2);
  });

  it('that fails says so, keeps what came, and is tried again', async ({ page }) => {
    demo.upstream.answer = (res) => void res.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{}}');
    await topic(page, RIVER).click();
    await waitForStatus(page, 'Failed:');
    expect(await findViolations(page, { exclude: ['.query-devtools-host'] })).toEqual([]);
    demo.upstream.answer = (res) => answerText(res, ['All of it.']);
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForStatus(page, 'Answer complete.');
  });

  it('is no longer made when the page is left, and one that is whole is still there after a visit elsewhere', async ({
    page,
  }) => {
    await topic(page, TIDES).click();
    await waitForStatus(page, 'Answer complete.');
    answerInTwo();
    await topic(page, RIVER).click();
    await page.locator('.answer-text', { hasText: 'Half of it' }).waitFor();
    await page.getByRole('link', { name: 'Batch' }).click();
    await demo.upstream.requests[1]?.aborted;
    await page.getByRole('link', { name: 'Query' }).click();
    await page.getByRole('button', { name: `${TIDES} in the cache` }).click();
    await waitForStatus(page, 'Answer complete.');
    expect(demo.upstream.requests).toHaveLength(2);
  });
});

describe('the page', () => {
  it('is no weight for the others, and the devtools none for a phone that does not open them', async () => {
    const page = await demo.browser.newPage({ viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' });
    const scripts: string[] = [];
    page.on('request', (request) => scripts.push(request.url()));
    await page.goto(demo.url);
    await page.getByLabel('Prompt').waitFor();
    expect(scripts.filter((url) => /Query/.test(url))).toEqual([]);
    await page.getByRole('link', { name: 'Query' }).click();
    await topic(page, RIVER).waitFor();
    expect(scripts.some((url) => url.includes('QueryPage'))).toBe(true);
    expect(scripts.filter((url) => url.includes('QueryDevtools'))).toEqual([]);
    await page.getByText('React Query devtools').click();
    await page.locator('.query-devtools-host').getByText('Mutations').waitFor();
    await page.close();
  });

  test.each(['light', 'dark'] as const)('is accessible and fits a phone in the %s theme', async (colorScheme) => {
    const page = await demo.browser.newPage({ colorScheme, reducedMotion: 'reduce' });
    const complaints = collectComplaints(page);
    await openQuery(page);
    await page.locator('.query-devtools-host').getByText('Mutations').waitFor();
    const background = await page
      .locator('.query-devtools-host .tsqd-main-panel')
      .evaluate((panel) => getComputedStyle(panel).backgroundColor);
    expect(Number(/\d+/.exec(background)?.[0]) > 127).toBe(colorScheme === 'light');
    expect(await findViolations(page, { exclude: ['.query-devtools-host'] })).toEqual([]);
    await topic(page, RIVER).click();
    await waitForStatus(page, 'Answer complete.');
    await page.getByRole('button', { name: 'Another answer' }).click();
    await page.getByRole('button', { name: 'Answer 2' }).waitFor();
    expect(await findViolations(page, { exclude: ['.query-devtools-host'] })).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
    await page.close();
    expect(complaints).toEqual([]);
  });
});

async function openQuery(page: Page): Promise<void> {
  await page.goto(`${demo.url}/#/query`);
  await topic(page, RIVER).waitFor();
}

function topic(page: Page, name: string): ReturnType<Page['locator']> {
  return page.locator('.topic-list').getByRole('button', { name });
}

/** Answers with a half, and with the rest when the function that it gives is called. */
function answerInTwo(): () => void {
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const say = (res: ServerResponse, content: string): void =>
    void res.write(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
  demo.upstream.answer = async (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    say(res, 'Half of it');
    await held;
    say(res, ', and the rest.');
    res.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    res.end('data: [DONE]\n\n');
  };
  return goOn;
}
