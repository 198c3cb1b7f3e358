import type { Page } from 'playwright-core';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { ms, printTable, times } from '../table.ts';
import { tokens } from '../tokens.ts';
import { buildPage, serve, withPage } from '../web-page.ts';
import { modelServer } from './model-server.ts';
import type { PageResult } from './result.ts';
import { mainThread, TRACE_CATEGORIES, type MainThread } from './trace.ts';

const TOKENS = 10_000;
const ROUNDS = rounds(5);
/** Tokens a second; 0 is as fast as the socket takes them. */
const PACES = [0, 2000];

/** The first one is what the others are measured in. */
const NAMES = ['rivulet useCompletion', '@ai-sdk/react useCompletion', '@ai-sdk/react, throttle: 50'] as const;

type Sample = PageResult & MainThread;

/** A long answer into one React component: the same tokens and the same page, another hook. */
export async function reactBench(): Promise<void> {
  const pieces = tokens(TOKENS);
  const expected = pieces.join('');
  await using site = await serve(await buildPage(new URL('./page.tsx', import.meta.url)), modelServer(pieces));
  for (const pace of PACES) {
    const samples = new Map(NAMES.map((name) => [name, [] as Sample[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of NAMES) {
        const url = `${site.url}?${new URLSearchParams({ contestant: name, pace: String(pace) })}`;
        const sample = await withPage((page) => measure(page, url));
        if (sample.text !== expected) throw new Error(`${name} showed another text than was sent.`);
        samples.get(name)!.push(sample);
      }
    }
    print(pace, samples);
  }
}

async function measure(page: Page, url: string): Promise<Sample> {
  await page.goto(url);
  await page.waitForFunction(() => 'complete' in window);
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: TRACE_CATEGORIES });
  const result = await page.evaluate(() => window.complete());
  return { ...result, ...mainThread(await browser.stopTracing()) };
}

function print(pace: number, samples: ReadonlyMap<string, readonly Sample[]>): void {
  const base = samples.get(NAMES[0])!;
  printTable(
    `${TOKENS} tokens into React, ${pace === 0 ? 'as fast as the socket takes them' : `${pace} a second`}`,
    ['', 'commits', 'scripting ms', 'to rivulet', 'main thread ms', 'long tasks', 'in them ms', 'wall ms'],
    [...samples].map(([name, all]) => {
      const of = (measureOf: (sample: Sample) => number): number => median(all.map(measureOf));
      return [
        name,
        String(of(({ commits }) => commits)),
        ms(of(({ scriptingMs }) => scriptingMs)),
        times(median(all.map(({ scriptingMs }, round) => scriptingMs / base[round]!.scriptingMs))),
        ms(of(({ busyMs }) => busyMs)),
        String(of(({ longTasks }) => longTasks)),
        ms(of(({ longTasksMs }) => longTasksMs)),
        ms(of(({ wallMs }) => wallMs)),
      ];
    }),
  );
}
