import type { Page } from 'playwright-core';
import { mainThread, TRACE_CATEGORIES, type MainThread } from '../react/trace.ts';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { ms, printTable, times } from '../table.ts';
import { tokens } from '../tokens.ts';
import { buildPage, serve, withPage } from '../web-page.ts';
import { chatServer } from './chat-server.ts';
import type { ChatCase, ChatResult } from './result.ts';

const DELTAS = 200;
/** So slow that each delta has a frame of its own. */
const PER_SECOND = 50;
const ROUNDS = rounds(5);

/** The first one is what the others are measured in. */
const NAMES = [
  'rivulet useChat',
  'rivulet messageIds, useMessage',
  '@ai-sdk/react useChat',
  '@tanstack/ai-react useChat',
] as const;

/** The first one is what the others have grown from. */
const CASES: readonly (readonly [title: string, of: ChatCase])[] = [
  ['an empty chat', { messages: 0, tools: 0 }],
  ['after 1,000 messages', { messages: 1000, tools: 0 }],
  ['after 20 finished tools in the answer', { messages: 0, tools: 20 }],
];

type Sample = ChatResult & MainThread;

/** An answer that comes into a chat: the same tokens and the same page, another hook. */
export async function chatBench(): Promise<void> {
  const pieces = tokens(DELTAS);
  const expected = pieces.join('');
  await using site = await serve(
    await buildPage(new URL('./page.tsx', import.meta.url)),
    chatServer(pieces, PER_SECOND),
  );
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [title, of] of CASES) {
      for (const name of NAMES) {
        const query = { contestant: name, messages: `${of.messages}`, tools: `${of.tools}` };
        const sample = await withPage((page) => measure(page, `${site.url}?${new URLSearchParams(query)}`));
        if (sample.text !== expected) throw new Error(`${name}, ${title}: showed another text than was sent.`);
        const key = title + name;
        samples.set(key, [...(samples.get(key) ?? []), sample]);
      }
    }
  }
  for (const [title] of CASES) print(title, samples);
}

async function measure(page: Page, url: string): Promise<Sample> {
  await page.goto(url);
  await page.waitForFunction(() => 'ask' in window && document.querySelector('ol'));
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: TRACE_CATEGORIES });
  const result = await page.evaluate(() => window.ask());
  return { ...result, ...mainThread(await browser.stopTracing()) };
}

function print(title: string, samples: ReadonlyMap<string, readonly Sample[]>): void {
  const base = samples.get(title + NAMES[0])!;
  printTable(
    `${DELTAS} deltas, ${PER_SECOND} a second, ${title}`,
    [
      '',
      'commits',
      'settled messages',
      'finished parts',
      'scripting ms',
      'to rivulet',
      'to an empty chat',
      'main thread ms',
    ],
    NAMES.map((name) => {
      const all = samples.get(title + name)!;
      const empty = samples.get(CASES[0]![0] + name)!;
      const of = (measureOf: (sample: Sample) => number): number => median(all.map(measureOf));
      return [
        name,
        String(of(({ commits }) => commits)),
        String(of(({ settledRenders }) => settledRenders)),
        String(of(({ finishedPartRenders }) => finishedPartRenders)),
        ms(of(({ scriptingMs }) => scriptingMs)),
        times(median(all.map(({ scriptingMs }, round) => scriptingMs / base[round]!.scriptingMs))),
        times(median(all.map(({ scriptingMs }, round) => scriptingMs / empty[round]!.scriptingMs))),
        ms(of(({ busyMs }) => busyMs)),
      ];
    }),
  );
}
