import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { afterPaint } from '../after-paint.ts';
import { contestants } from './contestants.tsx';

const DELTA = 8;

export interface PageResult {
  /** For each tenth of the document, in ms; undefined for those that were shown at once. */
  readonly tenthsMs: readonly (number | undefined)[];
  readonly text: string;
  readonly headings: number;
}

declare global {
  interface Window {
    /** Streams the document; of the tenths that are not listed, all at once. */
    stream(markdown: string, tenths: readonly number[]): Promise<PageResult>;
  }
}

/** A task of its own, behind those that are due: what is not urgent to React is done by then. */
const { port1, port2 } = new MessageChannel();
port1.start();
function afterTasks(): Promise<void> {
  return new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true });
    port2.postMessage(null);
  });
}

window.stream = async (markdown, tenths) => {
  // Code that runs for the first time is slow: that is not what the first tenth is to show.
  await show(markdown.slice(0, markdown.length / 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return show(markdown, tenths);
};

async function show(markdown: string, tenths: readonly number[]): Promise<PageResult> {
  const Contestant = contestants[new URLSearchParams(location.search).get('contestant')!]!;
  const element = document.querySelector('#root')!;
  const root = createRoot(element);
  const render = async (text: string, isStreaming: boolean): Promise<void> => {
    flushSync(() => root.render(<Contestant text={text} isStreaming={isStreaming} />));
    await afterTasks();
    await afterTasks();
  };
  const tenthsMs: (number | undefined)[] = [];
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const end = Math.round((markdown.length * (tenth + 1)) / 10);
    if (!tenths.includes(tenth)) {
      await render(markdown.slice(0, end), true);
      await afterPaint();
      tenthsMs.push(undefined);
      continue;
    }
    const start = performance.now();
    for (let at = Math.round((markdown.length * tenth) / 10) + DELTA; at < end + DELTA; at += DELTA) {
      await render(markdown.slice(0, Math.min(at, end)), true);
    }
    tenthsMs.push(performance.now() - start);
  }
  await render(markdown, false);
  await afterPaint();
  const result = { tenthsMs, text: element.textContent, headings: element.querySelectorAll('h2').length };
  root.unmount();
  return result;
}
