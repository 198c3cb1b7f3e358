import type { Page } from 'playwright-core';
import { mainThread, TRACE_CATEGORIES } from '../react/trace.ts';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { ms, printTable, times } from '../table.ts';
import { buildPage, serve, withPage } from '../web-page.ts';
import { LAST_WORDS, markdownOf } from './document.ts';
import type { PageResult } from './page.tsx';

const LENGTH = 40_000;
const ROUNDS = rounds(3);
const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The tenths of the document that each streams. The first one is what the others are measured in. */
const CONTESTANTS: Readonly<Record<string, readonly number[]>> = {
  'rivulet StreamingMarkdown': ALL,
  streamdown: ALL,
  // Minutes, if it had to stream all.
  'react-markdown': [0, 9],
};

interface Sample extends PageResult {
  readonly scriptingMs: number;
}

/** A long answer of Markdown in deltas of 8 characters, into one React component after the other. */
export async function markdownBench(): Promise<void> {
  const markdown = markdownOf(LENGTH);
  const headings = markdown.match(/^## /gm)?.length;
  await using site = await serve(await buildPage(new URL('./page.tsx', import.meta.url)));
  const samples = new Map(Object.keys(CONTESTANTS).map((name) => [name, [] as Sample[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, tenths] of Object.entries(CONTESTANTS)) {
      const url = `${site.url}?${new URLSearchParams({ contestant: name })}`;
      const sample = await withPage((page) => measure(page, url, markdown, tenths));
      if (sample.headings !== headings || !sample.text.includes(LAST_WORDS)) throw new Error(`${name} lost text.`);
      samples.get(name)!.push(sample);
    }
  }
  print(markdown.length, samples);
}

async function measure(page: Page, url: string, markdown: string, tenths: readonly number[]): Promise<Sample> {
  await page.goto(url);
  await page.waitForFunction(() => 'stream' in window);
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: TRACE_CATEGORIES });
  const result = await page.evaluate(([text, chosen]) => window.stream(text, chosen), [markdown, tenths] as const);
  return { ...result, scriptingMs: mainThread(await browser.stopTracing()).scriptingMs };
}

function print(length: number, samples: ReadonlyMap<string, readonly Sample[]>): void {
  const perDelta = ({ tenthsMs }: Sample, tenth: number): number => (tenthsMs[tenth] ?? NaN) / (length / 80);
  const base = [...samples.values()][0]!;
  printTable(
    `${length} characters of Markdown into React, 8 at a time`,
    ['', 'scripting ms', 'to rivulet', 'a delta, first tenth, ms', 'last tenth', 'growth', 'last tenth to rivulet'],
    [...samples].map(([name, all]) => {
      const of = (value: (sample: Sample, round: number) => number): number => median(all.map(value));
      const isWhole = all.every(({ tenthsMs }) => !tenthsMs.includes(undefined));
      return [
        name,
        isWhole ? ms(of(({ scriptingMs }) => scriptingMs)) : '',
        isWhole ? times(of(({ scriptingMs }, round) => scriptingMs / base[round]!.scriptingMs)) : '',
        of((sample) => perDelta(sample, 0)).toFixed(2),
        of((sample) => perDelta(sample, 9)).toFixed(2),
        times(of((sample) => perDelta(sample, 9) / perDelta(sample, 0))),
        times(of((sample, round) => perDelta(sample, 9) / perDelta(base[round]!, 9))),
      ];
    }),
  );
}
