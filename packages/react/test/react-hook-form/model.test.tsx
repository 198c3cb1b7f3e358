import { expect, test } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { playForm } from './model.tsx';

failOnConsoleErrors();

// Set by `VITE_FORM_RUNS` and `VITE_FORM_SEED`, for longer runs.
const { VITE_FORM_RUNS: RUNS = 15, VITE_FORM_SEED: FIRST_SEED = 1 } =
  (import.meta as { readonly env?: Record<string, unknown> }).env ?? {};

test('removes the rows of an earlier fill whose fields were followed before their list was on the page', async () => {
  const { violations } = await playForm(31);
  expect(violations).toEqual([]);
});

test(
  'shows what the form holds, keeps what the user typed and leaves no rows, whatever happens and whenever',
  { timeout: 600_000 },
  async () => {
    const failures: string[] = [];
    for (let seed = Number(FIRST_SEED); seed < Number(FIRST_SEED) + Number(RUNS); seed += 1) {
      const { log, violations } = await playForm(seed);
      if (violations.length > 0) failures.push(`seed ${seed}: ${violations.join('; ')}\n  ${log.join(', ')}`);
    }
    expect(failures).toEqual([]);
  },
);
