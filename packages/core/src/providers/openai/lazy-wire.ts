import { LLMError } from '../../errors/error.ts';
import { lazyChunk } from '../../transport/lazy-chunk.ts';

/** The code of a provider that only requests need, as a chunk of its own: a page renders without waiting for it. */
export interface LazyWire<Wire> {
  /** Resolves when the code is there. Awaited before anything is sent, so that every answer can be read. */
  load(): Promise<Wire>;
  /** @throws {LLMError} with code `config` before `load` has resolved. */
  loaded(): Wire;
}

/** Begins to load the code at once, in parallel to whatever the page does. A failure is reported by the first request. */
export function lazyWire<Wire>(importWire: () => Promise<Wire>): LazyWire<Wire> {
  const { load, loaded, preload } = lazyChunk(importWire, 'requests');
  preload();
  return {
    load,
    loaded() {
      const wire = loaded();
      if (!wire) throw new LLMError('Await load() of the provider before decoder()', { code: 'config' });
      return wire;
    },
  };
}
