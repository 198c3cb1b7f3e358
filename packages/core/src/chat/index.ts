export { createChat, type Chat, type ChatSnapshot, type ToolOutputInput } from './chat.ts';
export type {
  ChatMessage,
  ChatPart,
  ChatThread,
  ChatToolCallPart,
  ChatToolResultPart,
  OtherToolName,
} from './chat-message.ts';
export type { ChatFinish, ChatInput, ChatOptions, ChatPersistence, ChatRequestOptions } from './chat-options.ts';
export type { ChatFiles } from './file-parts.ts';
export { tool, type Tool, type ToolContext, type ToolOptions, type ToolOutput, type ToolSet } from './tool.ts';
