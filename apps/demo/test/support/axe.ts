import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const KINDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Rules that a theme has a say in. */
export const COLOUR_RULES: readonly string[] = ['color-contrast', 'link-in-text-block'];

interface AxeOptions {
  /** Selects what is not ours. */
  readonly exclude?: readonly string[];
  /** Default: all. */
  readonly rules?: readonly string[];
}

/** What axe finds wrong in the page, in short. */
export async function findViolations(page: Page, { exclude = [], rules }: AxeOptions = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readFile(axeFile, 'utf8'));
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: KINDS };
  const { violations } = await page.evaluate(
    ([excluded, only]) => {
      const { axe } = window as unknown as { axe: { run: (context: object, options: object) => Promise<AxeResults> } };
      const options = { runOnly: only, resultTypes: ['violations'] };
      return axe.run(excluded.length > 0 ? { exclude: excluded } : document, options);
    },
    [exclude, runOnly] as const,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}
