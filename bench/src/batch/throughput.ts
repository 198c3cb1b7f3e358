import { fork } from 'node:child_process';
import { once } from 'node:events';
import { bundleForNode } from '../bundle.ts';
import { messageOf } from '../contestant-processes.ts';
import { rounds } from '../rounds.ts';
import { median } from '../stats.ts';
import { printTable } from '../table.ts';
import { BURST, PER_SECOND, SERVICE_MS, type ServerReport } from './limit.ts';

const ITEMS = 4000;
const ROUNDS = rounds(1);
/** What comes sooner is left out: the pace is still being found, and the bucket begins full. */
const WARM_UP_MS = 2000;

const CASES: readonly (readonly [name: string, concurrency: number])[] = [
  ['rivulet batch', 10],
  ['rivulet batch', 50],
  ['chunks, 10 retries each', 10],
  ['chunks, 10 retries each', 50],
  ['p-limit + openai, 2 retries', 10],
  ['p-limit + openai, 2 retries', 50],
  ['p-limit + openai, 10 retries', 10],
  ['p-limit + openai, 10 retries', 50],
];

interface Sample {
  readonly used: number;
  readonly refused: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Many requests against a limit that nobody told. The server has a process of its own. */
export async function throughput(): Promise<void> {
  const program = await bundleForNode(new URL('./throughput-process.ts', import.meta.url));
  const server = fork(new URL('./limited-server.ts', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const reset = async (): Promise<ServerReport> => {
    const answer = once(server, 'message') as Promise<[ServerReport]>;
    server.send('anew');
    return (await answer)[0];
  };
  const samples = new Map<(typeof CASES)[number], Sample[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contest of CASES) {
      await reset();
      const answered = await ask(program, `http://127.0.0.1:${port}/v1`, contest);
      samples.set(contest, [...(samples.get(contest) ?? []), judge(await reset(), answered)]);
    }
  }
  server.disconnect();
  print(samples);
}

function ask(program: string, url: string, [name, concurrency]: (typeof CASES)[number]): Promise<number> {
  return messageOf(fork(program, [url, String(ITEMS), String(concurrency), name]));
}

function judge({ given, refused }: ServerReport, answered: number): Sample {
  const firstMs = Math.min(given[0]!, refused[0] ?? Infinity);
  const isWarm = (atMs: number): boolean => atMs >= firstMs + WARM_UP_MS;
  const lastMs = given.at(-1)!;
  const warmGiven = given.filter(isWarm).length;
  const warmRefused = refused.filter(isWarm).length;
  return {
    used: warmGiven / (((lastMs - firstMs - WARM_UP_MS) / 1000) * PER_SECOND),
    refused: warmRefused / (warmGiven + warmRefused),
    failed: ITEMS - answered,
    seconds: (lastMs - firstMs) / 1000,
  };
}

function print(samples: ReadonlyMap<(typeof CASES)[number], readonly Sample[]>): void {
  printTable(
    `${ITEMS} requests, ${PER_SECOND} a second allowed (burst ${BURST}), answered in ${SERVICE_MS} ms`,
    ['', 'concurrency', 'limit used', 'refused (429)', 'items failed', 'seconds'],
    [...samples].map(([[name, concurrency], list]) => [
      name,
      String(concurrency),
      percent(median(list.map(({ used }) => used))),
      percent(median(list.map(({ refused }) => refused))),
      median(list.map(({ failed }) => failed)).toFixed(0),
      median(list.map(({ seconds }) => seconds)).toFixed(1),
    ]),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
