'use client';

export { LLMClientProvider, useLLMClient, type LLMClientProviderProps } from './client-context.tsx';
export type { StreamSource } from './stream-source.ts';
export { useBatch, type UseBatchOptions, type UseBatchResult } from './use-batch.ts';
export {
  useCompletion,
  type CompleteOptions,
  type UseCompletionOptions,
  type UseCompletionResult,
} from './use-completion.ts';
export { useObject, type UseObjectOptions, type UseObjectResult } from './use-object.ts';
export { useObjectField, type ObjectField } from './use-object-field.ts';
export { useStore } from './use-store.ts';
export { useStream, type UseStreamOptions, type UseStreamResult } from './use-stream.ts';
