import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { vi } from 'vitest';
import { findChromium } from '../../../../test/support/chromium.ts';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(findChromium());
}

/** What the page complained about. A failed request that a test asked for is no complaint. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return complaints;
}

export async function openDemo(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Prompt').waitFor();
}

export async function ask(page: Page, prompt: string): Promise<void> {
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByLabel('Prompt').press('Enter');
}

export function answerText(page: Page): Promise<string> {
  return page.locator('.answer-text').innerText();
}

export async function waitForStatus(page: Page, text: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).waitFor();
}

/** Chooses an entry of one of the page's menus. */
export async function choose(page: Page, menu: string, label: string): Promise<void> {
  await page.getByLabel(menu, { exact: true }).selectOption({ label });
}

/** By how many pixels the page is wider than its window. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Collects what the live region says from now on. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  const heard = await page.locator('[role=status]').evaluateHandle((element) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(element.textContent ?? '')).observe(element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return texts;
  });
  return () => heard.jsonValue();
}

/** Watches for a text that may be shown for a moment only. Call it first; the returned function waits for the text. */
export async function watchFor(page: Page, pattern: RegExp): Promise<() => Promise<void>> {
  const watch = await page.evaluateHandle((source) => {
    const expression = new RegExp(source);
    const seen = new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!expression.test(document.body.textContent ?? '')) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    });
    return { seen };
  }, pattern.source);
  return () => watch.evaluate(({ seen }) => seen);
}

/** Records each length that the answer has from now on. */
export async function watchLengths(page: Page): Promise<() => Promise<number[]>> {
  const lengths = await page.evaluateHandle(() => {
    const found: number[] = [];
    new MutationObserver(() => {
      const length = document.querySelector('.answer-text')?.textContent?.length ?? 0;
      if (length !== (found.at(-1) ?? 0)) found.push(length);
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
    return found;
  });
  return () => lengths.jsonValue();
}

/** Waits for two frames, so that pending updates are rendered. */
export async function rendered(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

export async function waitForFocus(locator: Locator): Promise<void> {
  await vi.waitUntil(() => locator.evaluate((element) => element === document.activeElement), POLL);
}

/** For `expect.poll`: its own default is a second. */
export const POLL = { timeout: 20_000 };
