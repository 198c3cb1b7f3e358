import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { findViolationsInBothThemes } from './support/looks.ts';
import { ask, openDemo, sidewaysScroll, waitForStatus } from './support/pages.ts';
import { gateAnswers, holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import { demoOfFile } from './support/demo-of-file.ts';

const phone = { width: 360, height: 740 };

const demo = demoOfFile();

describe.concurrent('in both themes', () => {
  it('has no violation that axe can find: idle, answered with reasoning and code, failed', async () => {
    const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
    await openDemo(page, demo.url);
    expect(await findViolationsInBothThemes(page)).toEqual([]);

    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await ask(page, 'Think about a TypeScript debounce function');
    await waitForStatus(page, 'Answer complete.');
    await page.locator('pre').waitFor();
    expect(await findViolationsInBothThemes(page)).toEqual([]);

    await ask(page, 'Cut the answer off');
    await waitForStatus(page, 'Failed');
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    await page.close();
  });

  it('fits a phone, before and after an answer with long code', async () => {
    const page = await demo.browser.newPage({ viewport: phone, reducedMotion: 'reduce' });
    await page.addInitScript(gateAnswers);
    await openDemo(page, demo.url);
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await findViolationsInBothThemes(page)).toEqual([]);

    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await holdAnswers(page);
    await ask(page, `Write a TypeScript debounce function ${'a'.repeat(120)}`);
    await waitForStatus(page, 'Generating');
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true);
    await releaseAnswers(page);
    await waitForStatus(page, 'Answer complete.');
    expect(await sidewaysScroll(page)).toBe(0);
    await page.close();
  });
});

it('remembers the theme that was chosen, and else follows the system', async () => {
  const context = await demo.browser.newContext({ colorScheme: 'light' });
  const page = await context.newPage();
  await openDemo(page, demo.url);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme=dark]').waitFor();

  const toggle = page.getByRole('button', { name: 'Dark theme' });
  expect(await toggle.getAttribute('aria-pressed')).toBe('true');
  await toggle.press('Enter');
  expect(await theme(page)).toBe('light');
  await page.reload();
  expect(await theme(page)).toBe('light');
  await context.close();
});

it('is used by keyboard from the start: a skip link, then every control with a visible focus', async () => {
  const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
  await openDemo(page, demo.url);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the playground');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('prompt');

  const outlines: string[] = [];
  for (let control = 0; control < 6; control += 1) {
    outlines.push(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle));
    await page.keyboard.press('Tab');
  }
  expect(new Set(outlines)).toEqual(new Set(['solid']));
  await page.close();
});

it('moves nothing when less motion is asked for', async () => {
  const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
  await page.addInitScript(gateAnswers);
  await openDemo(page, demo.url);
  await holdAnswers(page, 20_000);
  await ask(page, 'Write a long story about a ferry');
  await waitForStatus(page, 'Generating');
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.close();
});

function theme(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.documentElement.dataset['theme']);
}
