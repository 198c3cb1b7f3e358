export {
  completionMutationOptions,
  type CompletionMutationConfig,
  type CompletionMutationKey,
  type CompletionMutationOptions,
} from './completion-mutation-options.ts';
export {
  completionQueryOptions,
  type CompletionQueryKey,
  type CompletionQueryOptions,
} from './completion-query-options.ts';
export {
  objectQueryOptions,
  type HasPartial,
  type ObjectQueryKey,
  type ObjectQueryOptions,
} from './object-query-options.ts';
export type { RunError } from './run-error.ts';
export type { RunQueryConfig } from './run-query-config.ts';
export { useCompletionQuery, type UseCompletionQueryResult } from './use-completion-query.ts';
export { useObjectQuery, type UseObjectQueryResult } from './use-object-query.ts';
export type { QueryRunView } from './use-query-run.ts';
