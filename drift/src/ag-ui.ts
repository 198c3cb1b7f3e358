import type {
  ContentPart,
  EventType as SdkEventType,
  Message,
  PROTOCOL_VERSION as SdkVersion,
  PartSource,
  RunAgentInput,
  RunFinishedOutcome,
  SubagentFinishedOutcome,
  TokenUsage,
} from '@ag-ui/core';
import type { EventType, PROTOCOL_VERSION, RetiredEventType } from '../../packages/core/src/providers/ag-ui/wire.ts';
import type { Check, Drift } from './check.ts';

// The lists of events and the version are those of the decoder, which handles each event in a `switch`.

/** A snapshot has user, system and developer messages too: they are not the answer. */
type Roles = 'assistant' | 'reasoning' | 'tool' | 'activity' | 'user' | 'system' | 'developer';

type Outcomes = 'success' | 'interrupt' | 'cancelled';

/** A subagent without an outcome, or with an unknown one, has finished. */
type SubagentOutcomes = 'success' | 'suspended';

/** The content of a user message, and of a result, which is sent back as it came. */
type ContentParts = 'text' | 'image' | 'audio' | 'video' | 'document';

/** `file` is a handle of a provider. Our file parts have a URL or data, so it only occurs in results. */
type Sources = 'data' | 'url' | 'file';

/** `parentRunId` is set with `body`: a page starts runs of its own. */
type InputFields =
  | 'threadId'
  | 'runId'
  | 'parentRunId'
  | 'protocolVersion'
  | 'state'
  | 'messages'
  | 'tools'
  | 'context'
  | 'forwardedProps'
  | 'resume';

/** `provider` and `model` stay in `usage.raw`. */
type UsageFields =
  | 'inputTokens'
  | 'outputTokens'
  | 'totalTokens'
  | 'reasoningTokens'
  | 'cachedInputTokens'
  | 'cacheWriteInputTokens'
  | 'provider'
  | 'model';

export type AGUI = Check<{
  version: Drift<typeof SdkVersion, typeof PROTOCOL_VERSION>;
  events: Drift<`${SdkEventType}`, EventType, RetiredEventType>;
  roles: Drift<Message['role'], Roles>;
  outcomes: Drift<RunFinishedOutcome['type'], Outcomes>;
  subagentOutcomes: Drift<SubagentFinishedOutcome['type'], SubagentOutcomes>;
  contentParts: Drift<ContentPart['type'], ContentParts>;
  sources: Drift<PartSource['type'], Sources>;
  inputFields: Drift<keyof RunAgentInput, InputFields>;
  usageFields: Drift<keyof TokenUsage, UsageFields>;
}>;
