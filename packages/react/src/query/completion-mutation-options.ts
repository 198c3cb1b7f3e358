import type { CallOptions, Completion, GenerateRequest, LLMClient, Run } from '@rivulet/core';
import { mutationOptions, type UseMutationOptions } from '@tanstack/react-query';
import type { RunError } from './run-error.ts';

/** The same for all, for `useIsMutating` and `useMutationState`. */
export type CompletionMutationKey = readonly ['rivulet', 'completion'];

export interface CompletionMutationConfig extends Omit<CallOptions, 'signal'> {
  /**
   * Called with each run when it starts: `useStore(run)` shows what comes, `run.abort()` stops it. The mutation then fails
   * with an `AbortError`.
   */
  readonly onRun?: ((run: Run, request: string | GenerateRequest) => void) | undefined;
}

export type CompletionMutationOptions = Omit<
  UseMutationOptions<Completion, RunError, string | GenerateRequest>,
  'mutationKey'
> & {
  mutationKey: CompletionMutationKey;
};

/**
 * A completion on demand, for `useMutation`: `mutate(request)` asks each time, and nothing is shared. A run goes on
 * after its component is gone, as mutations do. Only the client retries (`retry: false` here). What was asked is kept for
 * a minute after its last use, and not for later while offline, so a persister never stores it: the mutation fails.
 */
export function completionMutationOptions(
  client: LLMClient,
  { onRun, ...call }: CompletionMutationConfig = {},
): CompletionMutationOptions {
  const mutationKey: CompletionMutationKey = ['rivulet', 'completion'];
  const options = mutationOptions<Completion, RunError, string | GenerateRequest>({
    mutationFn(request) {
      const run = client.stream(request, call);
      // A callback that throws is its owner's bug, and reported as such.
      if (onRun) void (async () => onRun(run, request))();
      return run.result;
    },
    retry: false,
    // One that waits for the network is dehydrated with its variables.
    networkMode: 'always',
    gcTime: 60_000,
  });
  return { ...options, mutationKey };
}
