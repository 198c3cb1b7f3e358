import { LLMClient, type GenerateRequest, type LLMConfig, type Run, type RunSnapshot } from '@rivulet/core';
import { openai, type OpenAIOptions } from '@rivulet/core/openai';
import { expect } from 'vitest';

// Fake timers do not wait for code that is loaded.
await openai().load?.();

/** A client for the server at `baseURL`, which tries once. */
export function clientOf(baseURL: string, config: Partial<LLMConfig> = {}, options: OpenAIOptions = {}): LLMClient {
  return new LLMClient({ provider: openai({ baseURL, ...options }), model: 'model-1', retry: false, ...config });
}

/**
 * A client whose answers have exactly these pieces as network chunks, which a socket does not promise. Goes on with the
 * next body for each request, and stays with the last one.
 */
export function clientReading(...bodies: readonly (readonly (string | Uint8Array)[])[]): LLMClient {
  const left = [...bodies];
  return clientOf('http://127.0.0.1', {
    fetch: () => {
      const pieces = (left.length > 1 ? left.shift() : left[0]) ?? [];
      return Promise.resolve(new Response(streamOf(pieces.map((piece) => toBytes(piece)))));
    },
  });
}

export function toBytes(piece: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof piece === 'string' ? new TextEncoder().encode(piece) : Uint8Array.from(piece);
}

/** The bytes in pieces, cut at these places, which count around its end. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = new Set(places.map((place) => place % bytes.length));
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (let at = 1; at <= bytes.length; at += 1) {
    if (!cuts.has(at) && at < bytes.length) continue;
    pieces.push(bytes.slice(start, at));
    start = at;
  }
  return pieces;
}

/** A stream that has all its chunks at once, and then ends. */
export function streamOf<T>(chunks: readonly T[]): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** A `fetch` whose answers have exactly these pieces as network chunks. */
export function answering(...pieces: readonly (string | Uint8Array)[]): NonNullable<LLMConfig['fetch']> {
  return () => Promise.resolve(new Response(streamOf(pieces.map((piece) => toBytes(piece)))));
}

export interface Sent {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What the client of a `fetch` sends for a request that gets this answer. */
export async function sentBy(
  clientOf: (config: Pick<LLMConfig, 'fetch'>) => LLMClient,
  request: GenerateRequest,
  answer: string,
): Promise<Sent> {
  let sent: Sent | undefined;
  const fetch: LLMConfig['fetch'] = (url, { headers, body }) => {
    sent = { url, headers: Object.fromEntries(new Headers(headers)), body: JSON.parse(body as string) as Sent['body'] };
    return Promise.resolve(new Response(answer));
  };
  await clientOf({ fetch }).complete(request);
  return sent!;
}

/** What `work` rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
}

/** All that an iterable gives, and what it throws in the end. */
export async function readAll<T>(iterable: AsyncIterable<T>): Promise<{ items: T[]; error?: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of iterable) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items };
}

/** The first snapshot that `isWanted` accepts. */
export function snapshotOf(run: Run, isWanted: (snapshot: RunSnapshot) => boolean): Promise<RunSnapshot> {
  return new Promise((resolve) => {
    const unsubscribe = run.subscribe(look);
    function look(): void {
      const snapshot = run.getSnapshot();
      if (!isWanted(snapshot)) return;
      unsubscribe();
      resolve(snapshot);
    }
    look();
  });
}

/** A stream that is written by hand. */
export function writable<T>(): {
  stream: ReadableStream<T>;
  write: (chunk: T) => void;
  end: () => void;
  isCancelled: () => boolean;
} {
  let controller!: ReadableStreamDefaultController<T>;
  let isCancelled = false;
  const stream = new ReadableStream<T>({
    start(opened) {
      controller = opened;
    },
    cancel() {
      isCancelled = true;
    },
  });
  return {
    stream,
    write: (chunk) => controller.enqueue(chunk),
    end: () => controller.close(),
    isCancelled: () => isCancelled,
  };
}

/** Lets everything happen that is waiting to happen, but for timers. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Expects something of a value that may take a while to get there. */
export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: 20_000 });
}

/** Waits for something that needs no timer: also while the clock stands still. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
