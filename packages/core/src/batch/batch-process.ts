import { checkOptions } from '../errors/check-options.ts';
import type { BatchResult } from './batch-result.ts';
import { openWindow, type BatchItems, type BatchProcessor, type BatchProcessOptions } from './pool.ts';

/**
 * Works on `items`, ten at a time by default, and gives all results in the order of the items. A failed item is a
 * result too. The window slides: as soon as one item ends, the next one is read and begun. Iterables are read no
 * faster than that. `batchRun` gives the same with progress, and results as they come.
 *
 * ```ts
 * const results = await batchProcess(urls, (url, { signal }) => load(url, signal), { concurrency: 4 });
 * ```
 * @throws {LLMError} with code `config`, naming the option that is wrong; `BatchAbortError` when stopped; `BatchError`
 * when an item failed under `stopOnError` or the items could not be read. The last two have the `results` until then.
 */
export async function batchProcess<T, R>(
  items: BatchItems<T>,
  processor: BatchProcessor<T, R>,
  options: BatchProcessOptions = {},
): Promise<BatchResult<R>[]> {
  const results: BatchResult<R>[] = [];
  return new Promise((resolve, reject) => {
    checkOptions('batchProcess', options, { concurrency: 'anything', stopOnError: 'anything', signal: 'anything' });
    openWindow(items, processor, options, {
      push(result) {
        results[result.index] = result;
      },
      results: () => results.filter(Boolean),
      end: (_, error) => (error ? reject(error) : resolve(results)),
    });
  });
}
