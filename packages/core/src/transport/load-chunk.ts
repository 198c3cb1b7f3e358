import { LLMError } from '../errors/error.ts';

/**
 * Loads a part of the package that not every page needs.
 * @param what it is needed for, for the error.
 * @throws {LLMError} (as a rejection) with code `network`; not retryable, because browsers remember for the life of a page
 * that a module could not be loaded.
 */
export async function loadChunk<Module>(load: () => Promise<Module>, what: string): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new LLMError(`The part of Rivulet for ${what} could not be loaded: reload the page`, {
      code: 'network',
      isRetryable: false,
      isOffline: !(globalThis.navigator?.onLine ?? true),
      cause,
    });
  }
}
