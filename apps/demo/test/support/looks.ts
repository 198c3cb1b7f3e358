import type { Page } from 'playwright-core';
import { COLOUR_RULES, findViolations } from './axe.ts';
import { sidewaysScroll } from './pages.ts';

const PHONE = { width: 360, height: 740 };
/** What is left of a desktop at twice the size. */
const ZOOMED = { width: 640, height: 450 };
const DESKTOP = { width: 1280, height: 900 };

/** What axe finds in the page as it is, in the dark and in the light theme. Leaves it in the light one. */
export async function findViolationsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    // All but the colours is the same in both.
    const violations = await findViolations(page, colorScheme === 'dark' ? { rules: COLOUR_RULES } : {});
    found.push(...violations.map((violation) => `${colorScheme}: ${violation}`));
  }
  return found;
}

/**
 * What is wrong with the page as it is: what axe finds on a phone and a desktop, in both themes, and where it is wider than
 * its window. Leaves it on a desktop, in the light theme.
 */
export async function findViolationsInEachLook(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const viewport of [PHONE, ZOOMED, DESKTOP]) {
    await page.setViewportSize(viewport);
    const excess = await sidewaysScroll(page);
    if (excess > 0) found.push(`${viewport.width} px: ${excess} px wider than the window`);
    if (viewport === ZOOMED) continue;
    const violations = await findViolationsInBothThemes(page);
    found.push(...violations.map((violation) => `${viewport.width} px, ${violation}`));
  }
  return found;
}
