import type Anthropic from '@anthropic-ai/sdk';
import type { Check, Drift } from './check.ts';

// Decoder: packages/core/src/providers/anthropic/anthropic.ts. Beta features are enabled with the option `beta`.

type Events =
  | 'message_start'
  | 'content_block_start'
  | 'content_block_delta'
  | 'content_block_stop'
  | 'message_delta'
  | 'message_stop';
/** The types of the SDK do not have them: `ping` keeps the connection alive, `error` ends the stream. */
type UntypedEvents = 'ping' | 'error';

/** Blocks with parts of their own: text, reasoning, calls for the page. */
type Blocks = 'text' | 'thinking' | 'redacted_thinking' | 'tool_use';

/** Tools that run at the server. They are data parts, and go back in their place. */
type ServerToolBlocks =
  | 'server_tool_use'
  | 'web_search_tool_result'
  | 'web_fetch_tool_result'
  | 'code_execution_tool_result'
  | 'bash_code_execution_tool_result'
  | 'text_editor_code_execution_tool_result'
  | 'tool_search_tool_result'
  | 'container_upload';

/** Of beta features; data parts as well. */
type BetaBlocks =
  | 'mcp_tool_use'
  | 'mcp_tool_result'
  | 'mcp_tool_listing'
  | 'compaction'
  | 'advisor_tool_result'
  | 'fallback';

type Deltas = 'text_delta' | 'thinking_delta' | 'signature_delta' | 'input_json_delta' | 'citations_delta';
type BetaDeltas = 'compaction_delta';

type StopReasons =
  | 'end_turn'
  | 'stop_sequence'
  | 'max_tokens'
  | 'model_context_window_exceeded'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal';
type BetaStopReasons = 'compaction';

/** Each is a source; the citation itself is kept and sent back. */
type Citations =
  | 'char_location'
  | 'page_location'
  | 'content_block_location'
  | 'search_result_location'
  | 'web_search_result_location';

type UsageFields =
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
  | 'output_tokens_details';
/** Prices and places: they stay in `usage.raw`. */
type RawUsageFields = 'cache_creation' | 'inference_geo' | 'server_tool_use' | 'service_tier' | 'speed';

/** Errors within a stream become classes by the words in their type: packages/core/src/transport/http-error.ts */
type Errors =
  | 'api_error'
  | 'authentication_error'
  | 'billing_error'
  | 'invalid_request_error'
  | 'not_found_error'
  | 'overloaded_error'
  | 'permission_error'
  | 'rate_limit_error'
  | 'timeout_error';

export type AnthropicMessages = Check<{
  events: Drift<Anthropic.RawMessageStreamEvent['type'], Events, UntypedEvents>;
  betaEvents: Drift<Anthropic.Beta.BetaRawMessageStreamEvent['type'], Events, UntypedEvents>;
  blocks: Drift<Anthropic.ContentBlock['type'], Blocks | ServerToolBlocks>;
  betaBlocks: Drift<Anthropic.Beta.BetaContentBlock['type'], Blocks | ServerToolBlocks | BetaBlocks>;
  deltas: Drift<Anthropic.RawContentBlockDelta['type'], Deltas>;
  betaDeltas: Drift<Anthropic.Beta.BetaRawContentBlockDelta['type'], Deltas | BetaDeltas>;
  stopReasons: Drift<Anthropic.StopReason, StopReasons>;
  betaStopReasons: Drift<Anthropic.Beta.BetaStopReason, StopReasons | BetaStopReasons>;
  citations: Drift<Anthropic.TextCitation['type'], Citations>;
  betaCitations: Drift<Anthropic.Beta.BetaTextCitation['type'], Citations>;
  usageFields: Drift<keyof Anthropic.Usage, UsageFields | RawUsageFields>;
  errors: Drift<Anthropic.ErrorObject['type'], Errors>;
}>;
