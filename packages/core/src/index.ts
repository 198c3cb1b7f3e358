export { batch, type BatchOptions } from './batch/batch.ts';
export { BatchAbortError, BatchError } from './batch/batch-error.ts';
export { batchProcess } from './batch/batch-process.ts';
export type { BatchProgress } from './batch/batch-progress.ts';
export type { BatchResult } from './batch/batch-result.ts';
export { batchRun, type BatchRun } from './batch/batch-run.ts';
export { CheckpointError, type Checkpoint, type CheckpointStore } from './batch/checkpoint.ts';
export { memoryCheckpoints } from './batch/memory-checkpoints.ts';
export { storageCheckpoints } from './batch/storage-checkpoints.ts';
export type { BatchItemContext, BatchItems, BatchProcessOptions, BatchProcessor } from './batch/pool.ts';
export { LLMClient } from './client/client.ts';
export type { Completion, FinishReason, PartialCompletion, Usage } from './types/completion.ts';
export type { LLMConfig } from './client/config.ts';
export { AbortError, isAbortError, LLMError } from './errors/error.ts';
export type {
  LimitName,
  LLMErrorCode,
  LLMErrorFields,
  LLMErrorOptions,
  TextPlace,
  TimeoutPhase,
} from './errors/error.ts';
export {
  AuthenticationError,
  ConfigError,
  ContextLengthError,
  InsufficientQuotaError,
  InvalidRequestError,
  LimitError,
  NetworkError,
  NotFoundError,
  OverloadedError,
  ParseError,
  PermissionDeniedError,
  RateLimitError,
  RefusalError,
  ServerError,
  TimeoutError,
  TruncatedError,
  ValidationError,
} from './errors/error-classes.ts';
export type { DeltaEvent, StreamEvent } from './types/event.ts';
export { toLLMError } from './transport/http-error.ts';
export type { Fetch, HttpRequest } from './transport/send.ts';
export { extractJson, type ExtractedJson, type ExtractJsonOptions, type JsonRepair } from './json/extract-json.ts';
export type { ObjectIssue } from './path/issue.ts';
export { IncrementalJsonParser, type JsonParserOptions, type PathStatus } from './json/incremental-json-parser.ts';
export { parsePath, type Path } from './path/path.ts';
export { messageText } from './types/message.ts';
export type {
  DataPart,
  FilePart,
  Message,
  MessageInput,
  Part,
  ProviderMetadata,
  ReasoningPart,
  RefusalPart,
  Role,
  SourcePart,
  TextPart,
  ToolCall,
  ToolCallPart,
  ToolResultPart,
} from './types/message.ts';
export { completeObject } from './object/complete-object.ts';
export type { DeepPartial } from './object/deep-partial.ts';
export { isWithin, valueAt, type FieldStatus, type ValueAt } from './path/status.ts';
export { preloadObjects } from './object/strategy-chunk.ts';
export type {
  ArrayRequest,
  ObjectCompletion,
  ObjectOptions,
  ObjectRequest,
  ObjectRun,
  ObjectRunOf,
  ObjectSnapshot,
} from './object/object-run.ts';
export type { ObjectMode } from './object/strategy.ts';
export type { InferInput, InferOutput, SchemaIssue, SchemaResult, StandardSchema } from './types/standard-schema.ts';
export { streamObject } from './object/stream-object.ts';
export type { RequestedFormat } from './schema/object-format.ts';
export { toJsonSchema } from './schema/to-json-schema.ts';
export { validate as validateWithSchema } from './schema/validate.ts';
export type { Choice, ChoiceOption, Choose } from './providers/shared/choice.ts';
export type {
  Decoder,
  Defaults,
  HttpProvider,
  LocalProvider,
  Provider,
  ProviderSupport,
  RequestContext,
  ResolvedRequest,
} from './providers/provider.ts';
export type {
  CallOptions,
  GenerateRequest,
  ReasoningOptions,
  RetryInfo,
  RetryOptions,
  TimeoutOptions,
  ToolChoice,
  ToolDefinition,
} from './types/request.ts';
export { mergeDefined } from './utils/merge-defined.ts';
export { requestKey } from './client/request-key.ts';
export {
  observeRuns,
  type ObservedFailure,
  type ObservedUsage,
  type ObserveOptions,
  type RunEvent,
  type RunObserver,
} from './run/observe.ts';
export { runFrom, type RunSource } from './run/run-from.ts';
export { callWithRetry, type CallWithRetryOptions, type RetryContext } from './run/retry.ts';
export type { Run, RunControl, RunSnapshot, RunStatus } from './run/run.ts';
export { waitForOnline } from './run/wait-for-online.ts';
export type { Store } from './store/store.ts';
export { toError } from './errors/thrown.ts';
export type { Frame, Framing } from './transport/frame.ts';
