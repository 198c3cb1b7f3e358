// Plays random cases of all fuzzers in turn: `pnpm fuzz --minutes 10 --only wires,json`. Each finding comes with the command
// that plays its case again.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { playCase } from '../test/fuzz/fuzzer.ts';
import { FUZZERS } from '../test/fuzz/fuzzers.ts';

/** Each fuzzer plays so long before it is the turn of the next one, in ms. */
const TURN_MS = 3000;
/** So many findings of one fuzzer are printed. */
const MOST_PRINTED = 25;

/** What is played in Chromium, behind the others: the tests that play fixed seeds, with other seeds and more of them. */
const IN_BROWSER = [
  {
    name: 'forms',
    file: 'packages/react/test/react-hook-form/model.test.tsx',
    seed: 'VITE_FORM_SEED',
    runs: 'VITE_FORM_RUNS',
    runsPerMinute: 60,
  },
  {
    name: 'xss',
    file: 'packages/react/test/markdown/xss.test.tsx',
    seed: 'VITE_XSS_SEED',
    runs: 'VITE_XSS_VECTORS',
    runsPerMinute: 300,
  },
];
/** The part of the time that is for each of them. */
const BROWSER_SHARE = 0.1;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    only: { type: 'string' },
    cases: { type: 'string', default: 'Infinity' },
  },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
const mostCases = Number(values.cases);
const only = values.only?.split(',');
const names = [...FUZZERS, ...IN_BROWSER].map(({ name }) => name);
const unknown = only?.filter((name) => !names.includes(name)) ?? [];
const inBrowser = IN_BROWSER.filter(({ name }) => only?.includes(name) ?? true);
if (unknown.length > 0 || Number.isNaN(minutes + firstSeed + mostCases)) {
  console.error('Usage: pnpm fuzz [--minutes 10] [--seed 1] [--cases 100] [--only name,name]');
  console.error(`Fuzzers: ${names.join(', ')}`);
  process.exit(2);
}

// A case that never returns blocks this thread, so another one watches it.
const watch = new Worker(
  `const { parentPort } = require('node:worker_threads');
  let current = '';
  let timer;
  parentPort.on('message', (command) => {
    clearTimeout(timer);
    current = command;
    if (current) timer = setTimeout(() => {
      process._rawDebug('A case does not end: ' + current);
      process.kill(process.pid, 'SIGKILL');
    }, 120_000);
  });`,
  { eval: true },
);
watch.unref();

const states = FUZZERS.filter(({ name }) => only?.includes(name) ?? true).map((fuzzer) => ({
  fuzzer,
  cases: 0,
  findings: 0,
  ms: 0,
}));
const isBrowserOnly = states.length === 0;
const browserMinutes = minutes * (isBrowserOnly ? 1 / inBrowser.length : BROWSER_SHARE);
const endMs = performance.now() + (isBrowserOnly ? 0 : (minutes - browserMinutes * inBrowser.length) * 60_000);

/** Plays cases of one fuzzer for a turn. */
async function takeTurn(state: (typeof states)[number]): Promise<void> {
  const { fuzzer } = state;
  const startMs = performance.now();
  const turnEndMs = Math.min(endMs, startMs + TURN_MS);
  while (state.cases < mostCases && (performance.now() < turnEndMs || state.cases === 0)) {
    const seed = firstSeed + state.cases;
    const command = `pnpm fuzz --only ${fuzzer.name} --seed ${seed} --cases 1`;
    watch.postMessage(command, []);
    const problems = await playCase(fuzzer, seed);
    watch.postMessage('', []);
    state.cases += 1;
    if (problems.length === 0) continue;
    state.findings += 1;
    if (state.findings > MOST_PRINTED) continue;
    console.log(`\n${command}`);
    for (const problem of problems) console.log(`  ${problem}`);
  }
  state.ms += performance.now() - startMs;
}

console.log(`First seed: ${firstSeed}`);
while (performance.now() < endMs && states.some(({ cases }) => cases < mostCases)) {
  for (const state of states) await takeTurn(state);
}
console.table(
  Object.fromEntries(
    states.map(({ fuzzer, cases, findings, ms }) => [
      fuzzer.name,
      { cases, findings, 'cases per second': Math.round((cases / ms) * 10_000) / 10 },
    ]),
  ),
);
let hasFailed = states.some(({ findings }) => findings > 0);
for (const { name, file, seed, runs, runsPerMinute } of inBrowser) {
  const count = Math.min(mostCases, Math.ceil(browserMinutes * runsPerMinute));
  console.log(
    `\n${name}: ${count} cases in Chromium, again by: pnpm fuzz --only ${name} --seed ${firstSeed} --cases ${count}`,
  );
  const { status } = spawnSync(
    'pnpm',
    ['exec', 'vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'react', file],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
      env: { ...process.env, [seed]: String(firstSeed), [runs]: String(count) },
    },
  );
  if (status !== 0) hasFailed = true;
}
process.exit(hasFailed ? 1 : 0);
