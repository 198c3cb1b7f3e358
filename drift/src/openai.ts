import type OpenAI from 'openai';
import type { Check, Drift } from './check.ts';

// Decoder: packages/core/src/providers/openai/openai.ts

type Chunk = OpenAI.ChatCompletionChunk;
type Choice = OpenAI.ChatCompletionChunk.Choice;

/** `function_call` is of servers that still have the functions which tools replaced: it is `tool-calls`. */
type FinishReasons = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** `type` of the calls in a message: a `custom` call has text in place of arguments. No request of ours asks for one. */
type Calls = 'function' | 'custom';

type DeltaFields = 'content' | 'refusal' | 'tool_calls';
/** `audio` needs `modalities`, which no option of ours sets; `function_call` is what tools replaced. */
type IgnoredDeltaFields = 'role' | 'audio' | 'function_call';
/** Reasoning, of servers other than OpenAI's. */
type OlderDeltaFields = 'reasoning_content' | 'reasoning' | 'reasoning_text' | 'reasoning_details';

/** Of a whole message. Annotations come with web search models. */
type MessageFields = DeltaFields | IgnoredDeltaFields | 'annotations';
type Annotations = 'url_citation';

type ChoiceFields = 'delta' | 'finish_reason' | 'index';
/** Log probabilities have no part. */
type IgnoredChoiceFields = 'logprobs';

type ChunkFields = 'id' | 'model' | 'choices' | 'usage';
/** Labels, padding against side channels, and the result of a moderation that the request asked for. */
type IgnoredChunkFields = 'created' | 'object' | 'service_tier' | 'system_fingerprint' | 'obfuscation' | 'moderation';

type UsageFields =
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'total_tokens'
  | 'prompt_tokens_details'
  | 'completion_tokens_details';

export type ChatCompletions = Check<{
  finishReasons: Drift<Choice['finish_reason'], FinishReasons>;
  calls: Drift<OpenAI.ChatCompletionMessageToolCall['type'], Calls>;
  deltaFields: Drift<keyof Choice['delta'], DeltaFields | IgnoredDeltaFields, OlderDeltaFields>;
  messageFields: Drift<keyof OpenAI.ChatCompletionMessage, MessageFields>;
  annotations: Drift<NonNullable<OpenAI.ChatCompletionMessage['annotations']>[number]['type'], Annotations>;
  choiceFields: Drift<keyof Choice, ChoiceFields | IgnoredChoiceFields>;
  chunkFields: Drift<keyof Chunk, ChunkFields | IgnoredChunkFields>;
  usageFields: Drift<keyof OpenAI.CompletionUsage, UsageFields>;
}>;
