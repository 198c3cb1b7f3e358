'use client';

import { batch, type BatchOptions, type BatchResult, type Completion, type GenerateRequest } from '@rivulet/core';
import type { LLMClient } from '@rivulet/core';
import { useMemo, useState } from 'react';
import { createBatchSlot, type BatchOpener, type BatchSnapshot } from '../internal/batch-slot.ts';
import { useLLMClient } from './client-context.tsx';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest } from '../internal/use-latest.ts';
import { useStore } from '../internal/use-store.ts';

/** How to make a batch, and what is listed here. */
export interface UseBatchOptions extends Omit<BatchOptions, 'signal' | 'stopOnError'> {
  /** Default: the client of the nearest `LLMClientProvider`. */
  readonly client?: LLMClient | undefined;
  /**
   * Whether the batch goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Called once for each batch that comes to its end, with all results in the order of the requests, the failed ones
   * included. Not after `stop`, `reset`, a later `run` or the unmount.
   */
  readonly onFinish?: ((results: readonly BatchResult<Completion>[]) => void) | undefined;
  /** Called once for each batch that ends before its last item. A request that fails is a result, and not told here. */
  readonly onError?: ((error: Error) => void) | undefined;
}

export interface UseBatchResult extends BatchSnapshot {
  /**
   * Asks for an answer to each request, and aborts the batch before. Resolves to all results, or to `null` when it was
   * stopped or failed: `error` says why. Never rejects.
   */
  readonly run: (requests: readonly (string | GenerateRequest)[]) => Promise<readonly BatchResult<Completion>[] | null>;
  /** Ends the batch. The results stay, `status` is `ready`. */
  readonly stop: () => void;
  /**
   * Asks once more for what has failed, and for nothing else; the new results take the places of the old ones. Resolves
   * like `run`. Does nothing, and resolves to `null`, while a batch is under way or where nothing has failed.
   */
  readonly retryFailed: () => Promise<readonly BatchResult<Completion>[] | null>;
  /** Ends the batch and goes back to the state before the first one. */
  readonly reset: () => void;
}

/** What the batch takes of the options of the hook. */
function batchOptions({ keepAlive: _, ...options }: UseBatchOptions): UseBatchOptions {
  return options;
}

/**
 * Many requests and their results as they come. Renders at most once a frame, and not for each token. Nothing is sent
 * before `run`. The functions keep their identity; callbacks and options are those of the latest render.
 *
 * The batch is aborted one macrotask after the unmount, unless the component is attached again by then (StrictMode).
 * @throws {Error} without a client: neither a provider nor `options.client`.
 */
export function useBatch(options: UseBatchOptions = {}): UseBatchResult {
  const client = useLLMClient(options.client);
  const [slot] = useState(createBatchSlot);
  const latest = useLatest({ client, options });
  useKeepAlive(slot, options.keepAlive);

  const actions = useMemo(() => {
    function opener(): BatchOpener | undefined {
      const now = latest.current;
      return (
        now && {
          open: (requests) =>
            batch(now.client, requests, {
              ...batchOptions(now.options),
              onCheckpointError:
                now.options.onCheckpointError && ((error) => latest.current?.options.onCheckpointError?.(error)),
            }),
          onFinish: (results) => latest.current?.options.onFinish?.(results),
          onError: (error) => latest.current?.options.onError?.(error),
        }
      );
    }

    return {
      async run(requests) {
        const how = opener();
        return how ? slot.run(requests, how) : null;
      },
      async retryFailed() {
        const how = opener();
        return how ? slot.retryFailed(how) : null;
      },
      stop: slot.stop,
      reset: slot.reset,
    } satisfies Partial<UseBatchResult>;
  }, [slot, latest]);

  return { ...actions, ...useStore(slot) };
}
