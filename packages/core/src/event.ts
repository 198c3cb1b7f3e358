import type { FinishReason, Usage } from './completion.ts';
import type { DataPart, FilePart, ProviderMetadata, SourcePart, ToolCall, ToolResultPart } from './message.ts';

interface PartEvent {
  /** Position of the part in `message.parts`. Without it a delta goes on with the last part, or opens a new one. */
  readonly index?: number | undefined;
  /** Joined to the metadata of the part. */
  readonly providerMetadata?: ProviderMetadata | undefined;
}

export interface DeltaEvent extends PartEvent {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly delta: string;
}

/**
 * What every wire is decoded into. Folding the events in order gives the `Completion`; `finish` is the last one.
 * New types may come in a minor version: give a `switch` over `type` a default.
 */
export type StreamEvent =
  | { readonly type: 'start'; readonly id?: string | undefined; readonly model?: string | undefined }
  | DeltaEvent
  | (PartEvent & {
      readonly type: 'tool-call-start';
      readonly index: number;
      readonly id: string;
      readonly name: string;
    })
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly delta: string }
  | (PartEvent & { readonly type: 'tool-call'; readonly index: number; readonly toolCall: ToolCall })
  | ToolResultPart
  | { readonly type: 'tool-approval-request'; readonly approvalId: string; readonly toolCallId: string }
  | SourcePart
  | FilePart
  | (DataPart & {
      /** Shown to readers of the events, not kept in the message. */
      readonly transient?: boolean | undefined;
    })
  | { readonly type: 'step' }
  | { readonly type: 'metadata'; readonly metadata: Readonly<Record<string, unknown>> }
  /** Replaces the counts before it. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly raw?: string | undefined };

/** Whether something of the answer has come: after such an event nothing is sent again. */
export function isContent(event: StreamEvent): boolean {
  return !['start', 'usage', 'metadata', 'step'].includes(event.type);
}
