/** An event of Chromium's trace; times in µs. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args: { readonly name?: string };
}

/** Where the main thread of the page spent its time, in ms. */
export interface MainThread {
  readonly scriptingMs: number;
  readonly busyMs: number;
}

export const TRACE_CATEGORIES: string[] = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'v8',
  'v8.execute',
];

/** What the Performance panel of the DevTools counts as scripting. */
const SCRIPTING =
  /^(v8\.|MinorGC|MajorGC|BlinkGC|EvaluateScript|FunctionCall|RunMicrotasks|FireAnimationFrame|TimerFire|EventDispatch)/i;
const TASK = 'RunTask';

/** Sums a trace, each span without what it contains. */
export function mainThread(trace: Buffer): MainThread {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  // The browser has pages of its own: the one that is scripted the longest is ours.
  return traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => sum(traceEvents.filter((event) => event.pid === pid && event.tid === tid)))
    .reduce((most, thread) => (thread.scriptingMs > most.scriptingMs ? thread : most));
}

function sum(events: readonly TraceEvent[]): MainThread {
  const spans = events
    .filter(({ ph, dur }) => ph === 'X' && dur !== undefined)
    .toSorted((a, b) => a.ts - b.ts || b.dur! - a.dur!);
  const open: TraceEvent[] = [];
  let scripting = 0;
  let busy = 0;
  for (const span of spans) {
    while (open.length > 0 && open.at(-1)!.ts + open.at(-1)!.dur! <= span.ts) open.pop();
    const parent = open.at(-1);
    if (span.name === TASK && !open.some(({ name }) => name === TASK)) busy += span.dur!;
    if (SCRIPTING.test(span.name)) scripting += span.dur!;
    if (parent && SCRIPTING.test(parent.name)) scripting -= span.dur!;
    open.push(span);
  }
  return { scriptingMs: scripting / 1000, busyMs: busy / 1000 };
}
