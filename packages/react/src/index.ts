'use client';

export { LLMClientProvider, useLLMClient, type LLMClientProviderProps } from './hooks/client-context.tsx';
export { isImeEvent, type KeyEventLike } from './ui/ime-event.ts';
export type { StreamSource } from './internal/stream-source.ts';
export {
  useAnnouncer,
  type AnnouncerMessages,
  type UseAnnouncerOptions,
  type UseAnnouncerResult,
} from './ui/use-announcer.ts';
export { useBatch, type UseBatchOptions, type UseBatchResult } from './hooks/use-batch.ts';
export { useChat, type UseChatOptions, type UseChatResult } from './hooks/use-chat.ts';
export {
  useCompletion,
  type CompleteOptions,
  type UseCompletionOptions,
  type UseCompletionResult,
} from './hooks/use-completion.ts';
export { useEscape } from './ui/use-escape.ts';
export { useMessage } from './hooks/use-message.ts';
export {
  useStickToBottom,
  type UseStickToBottomOptions,
  type UseStickToBottomResult,
} from './ui/use-stick-to-bottom.ts';
export { useObject, type UseObjectOptions, type UseObjectResult } from './hooks/use-object.ts';
export type { ObjectField } from './internal/object-fields.ts';
export { useObjectField } from './hooks/use-object-field.ts';
export { useStore } from './internal/use-store.ts';
export { useStream, type UseStreamOptions, type UseStreamResult } from './hooks/use-stream.ts';
export { useToolInput } from './hooks/use-tool-input.ts';
