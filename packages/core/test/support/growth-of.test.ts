import { describe, expect, it } from 'vitest';
import { growthOf, LINEAR } from './growth.ts';

describe('growthOf', () => {
  it.each<[string, (count: number) => unknown]>([
    ['nothing', () => undefined],
    ['adding to a list', (count) => Array.from({ length: count * 100 }, (_, at) => `${at}`)],
    [
      'adding to a text',
      (count) =>
        'a'
          .repeat(count * 100)
          .split('')
          .join('b'),
    ],
  ])('is below the limit for %s', async (_, work) => {
    expect(await growthOf(work, 500)).toBeLessThan(LINEAR);
  });

  it.each<[string, number, (count: number) => unknown]>([
    [
      'a list that is searched for each item',
      2500,
      (count) => {
        const list: { readonly at: number }[] = [];
        for (let at = 0; at < count; at += 1) if (!list.some((item) => item.at === at)) list.push({ at });
      },
    ],
    [
      'an object that is copied for each name',
      200,
      (count) => {
        let all: Record<string, number> = {};
        for (let at = 0; at < count; at += 1) all = Object.fromEntries([...Object.entries(all), [`name-${at}`, at]]);
      },
    ],
    [
      'a text that is searched for each piece',
      1000,
      (count) => {
        let text = '';
        for (let at = 0; at < count; at += 1) {
          text += 'several words ';
          if (/[<>]/.test(text)) return;
        }
      },
    ],
  ])('is above the limit for %s', async (_, count, work) => {
    expect(await growthOf(work, count)).toBeGreaterThan(LINEAR);
  });
});
