import type { FinishReason, UIMessage, UIMessageChunk } from 'ai';
import type {
  UIChunkType,
  UIFinishReason,
} from '../../packages/core/src/providers/ui-message-stream/ui-message-stream.ts';
import type { Check, Drift } from './check.ts';

// The lists of chunks and finish reasons are those of the decoder, which handles each chunk in a `switch`.

/** Chunks and parts that the app names. */
type NamedByApp = `data-${string}` | `tool-${string}`;

/** The parts that `ui-messages.ts` sends. Refusals are sent as text. */
type Parts =
  | 'text'
  | 'reasoning'
  | 'dynamic-tool'
  | 'source-url'
  | 'source-document'
  | 'file'
  | 'reasoning-file'
  | 'custom'
  | 'steering-message'
  | 'step-start';

/** Results, which have the role `tool` here, are part of their call there. */
type Roles = 'system' | 'user' | 'assistant';

export type UIMessageStream = Check<{
  chunks: Drift<UIMessageChunk['type'], UIChunkType | `data-${string}`>;
  finishReasons: Drift<FinishReason, UIFinishReason>;
  parts: Drift<UIMessage['parts'][number]['type'], Parts | NamedByApp>;
  roles: Drift<UIMessage['role'], Roles>;
}>;
