import type { BlockedReason, Candidate, FinishReason, GenerateContentResponseUsageMetadata, Part } from '@google/genai';
import type { Check, Drift } from './check.ts';

// Decoder: packages/core/src/providers/gemini/gemini.ts

type FinishReasons = 'STOP' | 'MAX_TOKENS';

/** They are `content-filter`. */
type FilterReasons =
  | 'SAFETY'
  | 'RECITATION'
  | 'LANGUAGE'
  | 'BLOCKLIST'
  | 'PROHIBITED_CONTENT'
  | 'SPII'
  | 'MODEL_ARMOR'
  | 'IMAGE_SAFETY'
  | 'IMAGE_PROHIBITED_CONTENT'
  | 'IMAGE_RECITATION';

/** They fail the answer. */
type FailureReasons = 'MALFORMED_FUNCTION_CALL' | 'MALFORMED_RESPONSE';

/** They are `other`, with the word in `rawFinishReason`. */
type OtherReasons =
  | 'OTHER'
  | 'FINISH_REASON_UNSPECIFIED'
  | 'UNEXPECTED_TOOL_CALL'
  | 'TOO_MANY_TOOL_CALLS'
  | 'MISSING_THOUGHT_SIGNATURE'
  | 'NO_IMAGE'
  | 'IMAGE_OTHER'
  | 'CONTINUATION'
  | 'ESCALATION'
  | 'PUP_LIMITED_DISABLED';

/** Of gateways that tell calls from other ends. */
type GatewayReasons = 'FUNCTION_CALL';

/** Any of them is `content-filter`. */
type BlockedReasons =
  | 'SAFETY'
  | 'OTHER'
  | 'BLOCKLIST'
  | 'PROHIBITED_CONTENT'
  | 'IMAGE_SAFETY'
  | 'MODEL_ARMOR'
  | 'JAILBREAK'
  | 'BLOCKED_REASON_UNSPECIFIED';

type PartFields = 'text' | 'thought' | 'thoughtSignature' | 'functionCall' | 'inlineData';
/** Steps of tools that run at Google's. They are data parts, and go back in their place. */
type ServerStepFields = 'executableCode' | 'codeExecutionResult' | 'toolCall' | 'toolResponse';
/** Of requests: files, results of tools, and how to read media. */
type RequestPartFields = 'fileData' | 'functionResponse' | 'videoMetadata' | 'mediaResolution' | 'mediaProcessing';
/** Labels, and details of speech, which no option of ours asks for. */
type IgnoredPartFields = 'partMetadata' | 'audioTranscription' | 'speechMetadata';

type CandidateFields =
  | 'index'
  | 'content'
  | 'finishReason'
  | 'finishMessage'
  | 'groundingMetadata'
  | 'citationMetadata';
/** Ratings and probabilities have no part; `urlContextMetadata` repeats the addresses that are sources. */
type IgnoredCandidateFields =
  | 'avgLogprobs'
  | 'logprobsResult'
  | 'safetyRatings'
  | 'tokenCount'
  | 'urlContextMetadata'
  | 'continuationToken';

type UsageFields =
  | 'promptTokenCount'
  | 'candidatesTokenCount'
  | 'thoughtsTokenCount'
  | 'cachedContentTokenCount'
  | 'totalTokenCount';
/** They stay in `usage.raw`. */
type RawUsageFields =
  | 'initialPromptTokenCount'
  | 'toolUsePromptTokenCount'
  | 'cacheTokensDetails'
  | 'candidatesTokensDetails'
  | 'promptTokensDetails'
  | 'toolUsePromptTokensDetails'
  | 'trafficType';

export type Gemini = Check<{
  finishReasons: Drift<
    `${FinishReason}`,
    FinishReasons | FilterReasons | FailureReasons | OtherReasons,
    GatewayReasons
  >;
  blockedReasons: Drift<`${BlockedReason}`, BlockedReasons>;
  partFields: Drift<keyof Part, PartFields | ServerStepFields | RequestPartFields | IgnoredPartFields>;
  candidateFields: Drift<keyof Candidate, CandidateFields | IgnoredCandidateFields>;
  usageFields: Drift<keyof GenerateContentResponseUsageMetadata, UsageFields | RawUsageFields>;
}>;
