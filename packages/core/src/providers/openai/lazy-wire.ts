import { LLMError } from '../../errors/error.ts';
import { loadChunk } from '../../transport/load-chunk.ts';

/** The code of a provider that only requests need, as a chunk of its own: a page renders without waiting for it. */
export interface LazyWire<Wire> {
  /** Resolves when the code is there. Awaited before anything is sent, so that every answer can be read. */
  load(): Promise<Wire>;
  /** @throws {LLMError} with code `config` before `load` has resolved. */
  loaded(): Wire;
}

/** Begins to load the code at once, in parallel to whatever the page does. */
export function lazyWire<Wire>(importWire: () => Promise<Wire>): LazyWire<Wire> {
  let wire: Wire | undefined;

  async function load(): Promise<Wire> {
    wire ??= await loadChunk(importWire, 'requests');
    return wire;
  }

  // A failure is reported by the first request.
  load().catch(() => undefined);

  return {
    load,
    loaded() {
      if (!wire) throw new LLMError('Await load() of the provider before decoder()', { code: 'config' });
      return wire;
    },
  };
}
