import type { Page } from 'playwright-core';
import { rounds } from '../rounds.ts';
import { median, percentile } from '../stats.ts';
import { ms, printTable } from '../table.ts';
import { buildPage, react18, serve, withPage } from '../web-page.ts';
import type { Report, Scenario } from './scenario.ts';

const KEYS = 80;
const ROUNDS = rounds(3);

const plain: Scenario = {
  subscription: 'useSyncExternalStore',
  isStreaming: true,
  isDeferred: false,
  costMs: 10,
  pieces: 1,
};

const scenarios: Readonly<Record<string, Scenario>> = {
  'no stream': { ...plain, isStreaming: false },
  useSyncExternalStore: plain,
  'state + effect': { ...plain, subscription: 'state + effect' },
  'state + effect in a transition': { ...plain, subscription: 'state + effect in a transition' },
  'useSyncExternalStore, useDeferredValue': { ...plain, isDeferred: true },
};

/** How long a key press waits for its paint beside a stream, for each way to follow a store. */
export async function inputBench(): Promise<void> {
  const page = new URL('./page.tsx', import.meta.url);
  const react19 = await buildPage(page);
  await compare('React 19, 10 ms in one component', react19, { costMs: 10, pieces: 1 });
  await compare('React 19, 10 ms in 20 components', react19, { costMs: 10, pieces: 20 });
  await compare('React 19, 50 ms in 20 components', react19, { costMs: 50, pieces: 20 });
  await compare('React 18.2, 10 ms in one component', await buildPage(page, react18), { costMs: 10, pieces: 1 });
}

async function compare(title: string, script: string, cost: Pick<Scenario, 'costMs' | 'pieces'>): Promise<void> {
  await using site = await serve(script);
  const reports = new Map(Object.keys(scenarios).map((name) => [name, [] as Report[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, scenario] of Object.entries(scenarios)) {
      reports.get(name)!.push(await withPage((page) => type(page, site.url, { ...scenario, ...cost })));
    }
  }
  print(title, reports);
}

async function type(page: Page, url: string, scenario: Scenario): Promise<Report> {
  await page.goto(`${url}?${encodeURIComponent(JSON.stringify(scenario))}`);
  await page.locator('input').focus();
  await page.waitForTimeout(500);
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press('abcdefghij'[key % 10]!);
    await page.waitForTimeout(20 + Math.random() * 60);
  }
  await page.waitForTimeout(100);
  return page.evaluate(() => window.finish());
}

function print(title: string, reports: ReadonlyMap<string, readonly Report[]>): void {
  printTable(
    `Key press to paint beside 200 tokens a second, ms. ${title}`,
    ['', 'keys', 'median', 'p95', 'worst', 'text age p95', 'worst', 'costly p95', 'worst', 'torn', 'end in its task'],
    [...reports].map(([name, all]) => {
      const of = (measure: (report: Report) => number): string => ms(median(all.map(measure)));
      return [
        name,
        String(all.reduce((sum, { latencies }) => sum + latencies.length, 0)),
        of(({ latencies }) => median(latencies)),
        of(({ latencies }) => percentile(latencies, 0.95)),
        of(({ latencies }) => Math.max(...latencies)),
        of(({ ages }) => percentile(ages, 0.95)),
        of(({ ages }) => Math.max(...ages)),
        of(({ costlyAges }) => percentile(costlyAges, 0.95)),
        of(({ costlyAges }) => Math.max(...costlyAges)),
        String(median(all.map(({ tornFrames }) => tornFrames))),
        `${all.filter(({ isShownAtEnd }) => isShownAtEnd).length} of ${all.length}`,
      ];
    }),
  );
}
