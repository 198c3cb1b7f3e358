import { filledText, record, type UnknownRecord } from '../../utils/read-value.ts';

/** The version of the protocol that Rivulet sends as `protocolVersion`. https://docs.ag-ui.com/spec/1.0 */
export const PROTOCOL_VERSION = '1.0';

/** The events of AG-UI 1.0. https://docs.ag-ui.com/spec/1.0/schema.json */
export type EventType =
  | 'RUN_STARTED'
  | 'RUN_FINISHED'
  | 'RUN_ERROR'
  | 'STEP_STARTED'
  | 'STEP_FINISHED'
  | 'TEXT_MESSAGE_START'
  | 'TEXT_MESSAGE_CONTENT'
  | 'TEXT_MESSAGE_END'
  | 'TEXT_MESSAGE_CHUNK'
  | 'REASONING_START'
  | 'REASONING_MESSAGE_START'
  | 'REASONING_MESSAGE_CONTENT'
  | 'REASONING_MESSAGE_END'
  | 'REASONING_MESSAGE_CHUNK'
  | 'REASONING_END'
  | 'REASONING_ENCRYPTED_VALUE'
  | 'TOOL_CALL_START'
  | 'TOOL_CALL_ARGS'
  | 'TOOL_CALL_END'
  | 'TOOL_CALL_CHUNK'
  | 'TOOL_CALL_RESULT'
  | 'STATE_SNAPSHOT'
  | 'STATE_DELTA'
  | 'MESSAGES_SNAPSHOT'
  | 'ACTIVITY_SNAPSHOT'
  | 'ACTIVITY_DELTA'
  | 'SUBAGENT_STARTED'
  | 'SUBAGENT_FINISHED'
  | 'SUBAGENT_ERROR'
  | 'CUSTOM'
  | 'RAW';

/** Events of versions before 1.0, which `REASONING_*` replaced. */
export type RetiredEventType =
  | 'THINKING_START'
  | 'THINKING_TEXT_MESSAGE_START'
  | 'THINKING_TEXT_MESSAGE_CONTENT'
  | 'THINKING_TEXT_MESSAGE_END'
  | 'THINKING_END';

/** Fields that events, messages and calls share. Nothing about their shape is certain. */
export interface WireFields {
  readonly name?: unknown;
  readonly subagentRunId?: unknown;
  readonly encryptedValue?: unknown;
  /** Since 1.1. https://docs.ag-ui.com/spec/1.1/events/reasoning */
  readonly encryptedValueType?: unknown;
  readonly metadata?: unknown;
}

export interface WireEvent extends WireFields {
  readonly type?: unknown;
  readonly threadId?: unknown;
  readonly runId?: unknown;
  /** Of a `RUN_STARTED`: the run that it continues, or that it is within. */
  readonly parentRunId?: unknown;
  readonly input?: unknown;
  readonly messageId?: unknown;
  readonly role?: unknown;
  /** Text, or the operations of a patch. */
  readonly delta?: unknown;
  readonly toolCallId?: unknown;
  readonly toolCallName?: unknown;
  readonly parentMessageId?: unknown;
  readonly content?: unknown;
  readonly subtype?: unknown;
  readonly entityId?: unknown;
  readonly snapshot?: unknown;
  readonly messages?: unknown;
  readonly activityType?: unknown;
  readonly replace?: unknown;
  readonly patch?: unknown;
  readonly value?: unknown;
  readonly event?: unknown;
  readonly result?: unknown;
  readonly outcome?: unknown;
  /** Backends put it into the outcome, or beside it. */
  readonly pendingToolCallIds?: unknown;
  readonly usage?: unknown;
  readonly description?: unknown;
  readonly parentSubagentRunId?: unknown;
  readonly parentToolCallId?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of a backend that answers in its own format. */
  readonly error?: unknown;
}

/** A message of a `MESSAGES_SNAPSHOT`. */
export interface WireMessage extends WireFields {
  readonly id?: unknown;
  readonly role?: unknown;
  readonly content?: unknown;
  readonly toolCalls?: unknown;
  readonly toolCallId?: unknown;
  readonly error?: unknown;
  readonly activityType?: unknown;
}

export interface WireCall extends WireFields {
  readonly id?: unknown;
  readonly function?: unknown;
}

/** What AG-UI has for a part and the part itself has no field for. It is kept as metadata of the part and sent back. */
export interface Own {
  /** Id of the message that the part belongs to; for a call, of the message that makes it. */
  readonly messageId?: string | undefined;
  /** The subagent run whose call this is. */
  readonly subagentRunId?: string | undefined;
  /** Name of the author. */
  readonly name?: string | undefined;
  /** Data of the provider that only the agent can read. */
  readonly encryptedValue?: string | undefined;
  readonly encryptedValueType?: string | undefined;
  readonly metadata?: UnknownRecord | undefined;
  /** Why a tool failed, if the result has content as well. */
  readonly error?: string | undefined;
}

/** The metadata of a part, which may come from storage. */
export function ownIn(value: unknown): Own | undefined {
  const own: { readonly [Name in keyof Own]?: unknown } | undefined = record(value);
  return (
    own && {
      messageId: filledText(own.messageId),
      subagentRunId: filledText(own.subagentRunId),
      name: filledText(own.name),
      encryptedValue: filledText(own.encryptedValue),
      encryptedValueType: filledText(own.encryptedValueType),
      metadata: record(own.metadata),
      error: filledText(own.error),
    }
  );
}
