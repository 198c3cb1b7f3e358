import type { ServerResponse } from 'node:http';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { findViolationsInBothThemes } from './support/looks.ts';
import { answerText, event } from './support/fake-upstream.ts';
import { ask, collectComplaints, openDemo, sidewaysScroll, waitForStatus } from './support/pages.ts';
import { watchFor } from './support/pages.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

const KEY = 'sk-not-to-be-shown-0123';
const phone = { width: 360, height: 740 };
const desktop = { width: 1366, height: 850 };

const demo = demoOfFile({ key: KEY });

beforeEach(() => {
  demo.upstream.answer = (res) => answerText(res, ['Hello']);
});

const it = pageTest(demo, openDemo);

describe('the drawer', () => {
  it('shows a run that is tried again: its waits and causes, its times, ids and counts, and no text', async ({
    page,
  }) => {
    let attempts = 0;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    demo.upstream.answer = async (res) => {
      attempts += 1;
      if (attempts === 1) return refuse(res, 'what nobody may read');
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(event({ id: 'answer-1', model: 'gpt-test', choices: [choice({ content: 'not to be told' })] }));
      await held;
      res.write(event({ id: 'answer-1', choices: [{ ...choice({}), finish_reason: 'stop' }] }));
      res.write(event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 } }));
      res.end('data: [DONE]\n\n');
    };
    const drawer = await openDrawer(page);

    const waited = await watchFor(page, /Waiting to retry/);
    await ask(page, 'what nobody may read');
    await waited();
    await drawer.getByText('Answering').waitFor();
    expect(await drawer.getByText('1 under way').isVisible()).toBe(true);
    goOn();
    await drawer.getByText('Finished', { exact: true }).waitFor();

    expect(await turns(drawer)).toEqual([
      'Request',
      'Failed: rate_limit (429) Tries again in 1.2 s, as the server asks. Request id req-7.',
      'Request, attempt 2',
      'First content',
      'Finished: stop 14 characters.',
    ]);
    const times = await drawer.locator('.run-turn-at').allInnerTexts();
    expect(times).toHaveLength(5);
    for (const time of times) expect(time).toMatch(/^\d+ ms$|^\d+\.\d s$/);
    expect(await facts(drawer)).toMatchObject({
      Provider: 'openai',
      Model: 'gpt-test',
      Attempts: '2',
      Tokens: '12 in, 3 out',
      'Answer id': 'answer-1',
      'Run id': expect.stringMatching(/^\w+$/),
    });
    const told = await drawer.innerText();
    for (const secret of ['what nobody may read', 'not to be told', KEY]) expect(told).not.toContain(secret);
  });

  it('shows errors and stops, the newest run first and open, and others where they are asked for', async ({ page }) => {
    const drawer = await openDrawer(page);
    demo.upstream.answer = (res) => void res.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    await ask(page, 'one');
    await drawer.getByText('Failed: authentication (401)').waitFor();

    demo.upstream.answer = hang;
    await ask(page, 'two');
    await drawer.getByText('First content', { exact: true }).waitFor();
    await page.getByLabel('Prompt').press('Escape');
    await drawer.getByText('3 characters.').waitFor();

    expect(await drawer.locator('.run-state').allInnerTexts()).toEqual(['Stopped', 'Failed']);
    expect(await turns(drawer)).toEqual(['Request', 'First content', 'Stopped 3 characters.']);
    await drawer.locator('summary').nth(1).press('Enter');
    expect(await turns(drawer)).toEqual([
      'Request',
      'First content',
      'Stopped 3 characters.',
      'Request',
      'Failed: authentication (401)',
    ]);

    await drawer.getByRole('button', { name: 'Clear' }).click();
    expect(await drawer.locator('.run-entry').count()).toBe(0);
    expect(await drawer.getByText('Ask something').isVisible()).toBe(true);
  });

  it('knows what went before it was opened', async ({ page }) => {
    await ask(page, 'hello');
    await waitForStatus(page, 'Answer complete.');
    const drawer = await openDrawer(page);
    expect(await turns(drawer)).toEqual(['Request', 'First content', 'Finished: stop 5 characters.']);
  });

  it('follows a batch, and keeps the last fifty of its runs', async ({ page }) => {
    await page.goto(`${demo.url}/#/batch`);
    await page.getByLabel('Lines').fill(Array.from({ length: 60 }, (_, index) => `item ${index}`).join('\n'));
    await page.getByLabel('Prompt template').fill('Say {{line}}');
    const drawer = await openDrawer(page);
    await page.getByRole('button', { name: /^Run/ }).click();
    await waitForStatus(page, 'Finished: 60 answered.');
    await drawer.getByText('50 listed').waitFor();
    await expect.poll(() => drawer.locator('.run-entry[data-kind=finished]').count()).toBe(50);
    expect(await turns(drawer)).toEqual(['Request', 'First content', 'Finished: stop 5 characters.']);
    expect(await drawer.innerText()).not.toContain('Say');
  });

  it('is opened, used and closed by key, and gives the focus back', async ({ page }) => {
    await ask(page, 'one');
    await waitForStatus(page, 'Answer complete.');
    await page.getByLabel('Prompt').focus();
    await page.keyboard.press('Alt+a');
    const drawer = page.getByRole('complementary', { name: 'Activity' });
    await drawer.waitFor();
    expect(await focused(page)).toBe('activity');

    const reached: string[] = [];
    for (let press = 0; press < 3; press += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => (document.activeElement as HTMLElement).innerText.split('\n')[0] ?? ''));
    }
    expect(reached).toEqual(['Clear', 'Close', 'Finished']);
    await page.keyboard.press('Space');
    expect(await drawer.locator('details').getAttribute('open')).toBe(null);

    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('prompt');

    const button = page.getByRole('button', { name: 'Activity' });
    expect(await button.getAttribute('aria-expanded')).toBe('false');
    await button.press('Enter');
    await drawer.waitFor();
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    await drawer.getByRole('button', { name: 'Close' }).press('Enter');
    await drawer.waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('leaves a run alone when Escape closes it', async ({ page }) => {
    demo.upstream.answer = hang;
    await ask(page, 'hello');
    await waitForStatus(page, 'Generating');
    const drawer = await openDrawer(page);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped.');
  });
});

test('the open drawer has no violation that axe can find in either theme, beside both pages, on a phone and a desktop', async () => {
  const page = await demo.browser.newPage({ viewport: phone, reducedMotion: 'reduce' });
  const complaints = collectComplaints(page);
  await openDemo(page, demo.url);
  const drawer = await openDrawer(page);
  demo.upstream.answer = (res) => void res.writeHead(503, { 'retry-after-ms': '5' }).end('{}');
  await ask(page, 'one');
  await drawer.getByText('Failed', { exact: true }).waitFor();
  demo.upstream.answer = hang;
  await ask(page, 'two');
  await drawer.getByText('First content', { exact: true }).waitFor();
  // It is above the drawer, not below.
  await page.getByRole('button', { name: 'Stop' }).click();
  await drawer.getByText('Stopped', { exact: true }).first().waitFor();
  await drawer.locator('summary').nth(1).click();
  for (const viewport of [phone, desktop]) {
    await page.setViewportSize(viewport);
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    // The end of the page can be brought above it, or stands beside it.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const [foot, dock] = await Promise.all([page.locator('.answer-foot').boundingBox(), drawer.boundingBox()]);
    if (!foot || !dock) throw new Error('One of them is not shown');
    expect(foot.y + foot.height <= dock.y || foot.x + foot.width <= dock.x).toBe(true);
  }

  await page.getByRole('link', { name: 'Batch' }).click();
  demo.upstream.answer = (res) =>
    /2/.test(lastPrompt()) ? void res.writeHead(400).end('{}') : answerText(res, ['Hello']);
  await page.getByLabel('Lines').fill('1\n2\n3');
  await page.getByRole('button', { name: /^Run/ }).click();
  await waitForStatus(page, 'Finished: 2 answered, 1 failed.');
  for (const viewport of [phone, desktop]) {
    await page.setViewportSize(viewport);
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  }
  await page.close();
  expect(complaints).toEqual([]);
});

async function openDrawer(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Activity' }).click();
  const drawer = page.getByRole('complementary', { name: 'Activity' });
  await drawer.waitFor();
  return drawer;
}

/** What happened, of the runs that are open. */
async function turns(drawer: Locator): Promise<string[]> {
  const texts = await drawer.locator('details[open] .run-turn').allInnerTexts();
  return texts.map((text) => text.replaceAll('\n', ' '));
}

async function facts(drawer: Locator): Promise<Record<string, string>> {
  const rows = await drawer.locator('.run-facts > div').allInnerTexts();
  return Object.fromEntries(rows.map((row) => row.split('\n') as [string, string]));
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id);
}

function choice(delta: object): object {
  return { index: 0, delta, finish_reason: null };
}

/** Begins an answer, and does not go on. */
function hang(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(event({ choices: [choice({ content: 'Hel' })] }));
}

/** Of the request that is being answered: the upstream answers in the same turn in which it notes the request. */
function lastPrompt(): string {
  const { messages = [] } = (demo.upstream.requests.at(-1)?.body ?? {}) as { messages?: { content: string }[] };
  return messages.at(-1)?.content ?? '';
}

function refuse(res: ServerResponse, echo: string): void {
  res.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': '1200', 'x-request-id': 'req-7' });
  res.end(JSON.stringify({ error: { message: `Too many: ${echo} ${KEY}`, code: 'rate_limit_exceeded' } }));
}
