'use client';

export { LLMClientProvider, useLLMClient, type LLMClientProviderProps } from './client-context.tsx';
export { isImeEvent, type KeyEventLike } from './ime-event.ts';
export type { StreamSource } from './stream-source.ts';
export {
  useAnnouncer,
  type AnnouncerMessages,
  type UseAnnouncerOptions,
  type UseAnnouncerResult,
} from './use-announcer.ts';
export { useBatch, type UseBatchOptions, type UseBatchResult } from './use-batch.ts';
export { useChat, type UseChatOptions, type UseChatResult } from './use-chat.ts';
export {
  useCompletion,
  type CompleteOptions,
  type UseCompletionOptions,
  type UseCompletionResult,
} from './use-completion.ts';
export { useEscape } from './use-escape.ts';
export { useMessage } from './use-message.ts';
export { useStickToBottom, type UseStickToBottomOptions, type UseStickToBottomResult } from './use-stick-to-bottom.ts';
export { useObject, type UseObjectOptions, type UseObjectResult } from './use-object.ts';
export type { ObjectField } from './object-fields.ts';
export { useObjectField } from './use-object-field.ts';
export { useStore } from './use-store.ts';
export { useStream, type UseStreamOptions, type UseStreamResult } from './use-stream.ts';
export { useToolInput } from './use-tool-input.ts';
