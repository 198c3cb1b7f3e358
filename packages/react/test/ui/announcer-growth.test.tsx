import { useAnnouncer } from '@rivulet/react';
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';

interface Announced {
  readonly sentencesOf: string;
  readonly sentencesMs: number;
}

function Page(options: Announced): null {
  useAnnouncer({ ...options, status: 'streaming' });
  return null;
}

/** The time of as many renders with a text that is longer each time, in ms. */
function timeOf(count: number, delta: string, sentencesMs: number): number {
  const text = delta.repeat(count);
  const { rerender, unmount } = render(<Page sentencesOf="" sentencesMs={sentencesMs} />);
  const start = performance.now();
  for (let turn = 1; turn <= count; turn += 1) {
    rerender(<Page sentencesOf={text.slice(0, turn * delta.length)} sentencesMs={sentencesMs} />);
  }
  const time = performance.now() - start;
  unmount();
  return time;
}

test.each([
  ['words without an end', 'several more words of it ', 1000],
  ['sentences', 'One sentence more. ', 1000],
  ['sentences that are announced at once', 'One sentence more. ', 0],
])('an answer of %s that is passed whole to each render costs what was added', (_, delta, sentencesMs) => {
  timeOf(500, delta, sentencesMs);
  let growth = Infinity;
  // The machine may be busy with something else for a while.
  for (let attempt = 0; attempt < 5 && growth > 14; attempt += 1) {
    growth = timeOf(4000, delta, sentencesMs) / timeOf(500, delta, sentencesMs);
  }
  expect(growth).toBeLessThan(14);
});
