import type { FinishReason, Usage } from './completion.ts';
import type { DataPart, FilePart, ProviderMetadata, SourcePart, ToolCall, ToolResultPart } from './message.ts';

export interface PartEvent {
  /**
   * Position of the part in `message.parts`. Without it a delta goes on with the last part, or opens a new one, and
   * anything else is a new part. A data part, a source or a tool result at the place of one before replaces it.
   */
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
  | (PartEvent & { readonly type: 'tool-call-delta'; readonly index: number; readonly delta: string })
  | (PartEvent & { readonly type: 'tool-call'; readonly index: number; readonly toolCall: ToolCall })
  | (PartEvent & ToolResultPart)
  /** A person has to decide whether the tool may run: `toolCall.approval` is open. */
  | (PartEvent & {
      readonly type: 'tool-approval-request';
      readonly index: number;
      readonly approvalId: string;
      readonly toolCallId: string;
      readonly toolCall: ToolCall;
    })
  | (PartEvent & SourcePart)
  | (PartEvent & FilePart)
  | (PartEvent &
      DataPart & {
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
  const { type } = event;
  return type !== 'start' && type !== 'usage' && type !== 'metadata' && type !== 'step';
}
