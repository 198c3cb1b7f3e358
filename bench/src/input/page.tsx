import { runFrom } from '@rivulet/core';
import { memo, useDeferredValue, useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { tokens } from '../tokens.ts';
import { afterPaint } from '../after-paint.ts';
import type { Scenario } from './scenario.ts';
import { subscriptions } from './subscriptions.ts';
import { tokenSource } from './token-source.ts';

const TOKENS_PER_SECOND = 200;

const scenario = JSON.parse(decodeURIComponent(location.search.slice(1))) as Scenario;
const useSubscription = subscriptions[scenario.subscription];
const source = tokenSource(tokens(1000), TOKENS_PER_SECOND);
const run = runFrom(scenario.isStreaming ? source.stream : new Response(''));

function Piece({ text, costMs }: { text: string; costMs: number }): ReactElement {
  const end = performance.now() + costMs;
  while (performance.now() < end);
  return <span>{text.length} </span>;
}

/** Stands for what an answer is shown with: markdown, highlighted code, a chart. */
const Costly = memo(function Costly({ text }: { text: string }): ReactElement {
  const { pieces, costMs } = scenario;
  return (
    <p>
      {Array.from({ length: pieces }, (_, index) => (
        <Piece key={index} text={text} costMs={costMs / pieces} />
      ))}
    </p>
  );
});

function Deferred({ text }: { text: string }): ReactElement {
  return <Costly text={useDeferredValue(text)} />;
}

function Answer(): ReactElement {
  const { text } = useSubscription(run);
  return (
    <section>
      <p id="answer">{text}</p>
      {scenario.isDeferred ? <Deferred text={text} /> : <Costly text={text} />}
    </section>
  );
}

/** A second reader, which each key press mounts anew: what it shows is torn if the answer beside it is older. */
function Length(): ReactElement {
  return <output id="length">{useSubscription(run).text.length}</output>;
}

function Composer(): ReactElement {
  const [value, setValue] = useState('');
  return (
    <>
      <input value={value} onChange={(event) => setValue(event.target.value)} />
      <Length key={value} />
    </>
  );
}

const latencies: number[] = [];
const ages: number[] = [];
const costlyAges: number[] = [];
let tornFrames = 0;

/** The characters that the page shows. */
function shown(): number {
  return document.querySelector('#answer')?.textContent.length ?? 0;
}

function count(selector: string): number {
  return Number(document.querySelector(selector)?.textContent);
}

/** How long the character after the first `length` ones has been there. */
function age(length: number): number {
  return performance.now() - (source.arrival(length) ?? performance.now());
}

async function watchFrames(): Promise<void> {
  for (;;) {
    await afterPaint();
    ages.push(age(shown()));
    costlyAges.push(age(count('span')));
    if (shown() !== count('#length')) tornFrames += 1;
  }
}

async function time({ timeStamp }: KeyboardEvent): Promise<void> {
  await afterPaint();
  latencies.push(performance.now() - timeStamp);
}

addEventListener('keydown', (event) => void time(event), { capture: true });

async function end(): Promise<boolean> {
  source.stop();
  await run.result;
  // Promises alone never leave the task.
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  return shown() === source.length;
}

window.finish = async () => {
  const measured = { latencies: [...latencies], ages: [...ages], costlyAges: [...costlyAges], tornFrames };
  return { ...measured, isShownAtEnd: !scenario.isStreaming || (await end()) };
};

createRoot(document.querySelector('#root')!).render(
  <>
    <Composer />
    <Answer />
  </>,
);
void watchFrames();
