export type { Chat, ChatSnapshot, ToolOutputInput } from './chat.ts';
export type {
  ChatMessage,
  ChatPart,
  ChatThread,
  ChatToolCallPart,
  ChatToolResultPart,
  OtherToolName,
} from './chat-message.ts';
export type { ChatInput, ChatRequestOptions } from './chat-input.ts';
export type { ChatFinish, ChatOptions, ChatPersistence, PersistenceControl, PersistenceHost } from './chat-options.ts';
export {
  ChatStorageError,
  type ChatChanges,
  type ChatInfo,
  type ChatListOptions,
  type ChatLoadOptions,
  type ChatStorage,
  type ChatStorageOperation,
  type SaveFailure,
  type SaveResult,
  type StoredChat,
  type StoredMessage,
  type UnreadableRecord,
} from './storage/types.ts';
export type { TreeChanges } from './message-tree.ts';
export type { ChatFiles } from './file-parts.ts';
export { memoryChats } from './storage/memory.ts';
export { persistChat, type PersistOptions } from './persist-chat.ts';
export { storageChats } from './storage/web.ts';
export {
  tool,
  type CallResult,
  type Tool,
  type ToolContext,
  type ToolOptions,
  type ToolOutput,
  type ToolSet,
} from './tool.ts';
export { createChat } from './create-chat.ts';
export { createToolInput, type ToolInput } from './tool-input.ts';
export { toolStateOf, type ToolCallState, type ToolState } from './tool-state.ts';
