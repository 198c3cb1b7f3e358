import { LLMClient, type LLMConfig, type Run, type RunSnapshot } from '@rivulet/core';
import { openai, type OpenAIOptions } from '@rivulet/core/openai';

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

/** A stream that has all its chunks at once, and then ends. */
export function streamOf<T>(chunks: readonly T[]): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
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
