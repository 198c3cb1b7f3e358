import { LLMError } from '../errors/error.ts';

/** A part of the package that not every page needs. */
export interface LazyChunk<Module> {
  /**
   * Loads the part, once for all callers. After a failure, the next call tries again.
   * @throws {LLMError} (as a rejection) with code `network`; not retryable, because browsers remember for the life of a page
   * that a module could not be loaded.
   */
  load(this: void): Promise<Module>;
  /** `undefined` until `load` has resolved once. */
  loaded(this: void): Module | undefined;
  /** Begins to load, without a failure: that is reported by `load`. */
  preload(this: void): void;
}

/** @param what it is needed for, for the error. */
export function lazyChunk<Module>(importModule: () => Promise<Module>, what: string): LazyChunk<Module> {
  let loading: Promise<Module> | undefined;
  let loaded: Module | undefined;

  async function start(): Promise<Module> {
    try {
      loaded = await importModule();
      return loaded;
    } catch (cause) {
      throw new LLMError(`The part of Rivulet for ${what} could not be loaded: reload the page`, {
        code: 'network',
        isRetryable: false,
        isOffline: !(globalThis.navigator?.onLine ?? true),
        cause,
      });
    }
  }

  function load(): Promise<Module> {
    if (loading) return loading;
    const attempt = start();
    loading = attempt;
    attempt.catch(() => {
      loading = undefined;
    });
    return attempt;
  }

  return { load, loaded: () => loaded, preload: () => void load().catch(() => undefined) };
}
