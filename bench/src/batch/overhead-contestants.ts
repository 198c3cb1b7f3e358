import { batchProcess } from '@rivulet/core';
import pLimit from 'p-limit';
import pMap from 'p-map';

/** Works on all items, so many at a time. Gives what came out. */
export type Contestant = (items: readonly number[], concurrency: number) => Promise<readonly number[]>;

function work(item: number): Promise<number> {
  return Promise.resolve(item + 1);
}

async function rivulet(items: readonly number[], concurrency: number): Promise<number[]> {
  const results = await batchProcess(items, work, { concurrency });
  return results.map((result) => (result.status === 'fulfilled' ? result.value : NaN));
}

function map(items: readonly number[], concurrency: number): Promise<number[]> {
  return pMap(items, work, { concurrency });
}

function limited(items: readonly number[], concurrency: number): Promise<number[]> {
  const limit = pLimit(concurrency);
  return Promise.all(items.map((item) => limit(work, item)));
}

/** The others are measured in the first one. */
export const contestants: Readonly<Record<string, Contestant>> = {
  'p-map': map,
  'p-limit': limited,
  'rivulet batchProcess': rivulet,
};
