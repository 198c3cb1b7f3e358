import { chromium, type Browser, type Page } from 'playwright-core';
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
