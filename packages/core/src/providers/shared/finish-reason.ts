import type { FinishReason } from '../../types/completion.ts';

/**
 * The words of all wires, because gateways pass on those of the server behind them. In lower case, with underscores.
 * https://platform.openai.com/docs/api-reference/chat/object
 * https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
 * https://ai.google.dev/api/generate-content#FinishReason
 * https://docs.mistral.ai/api/#tag/chat
 * https://api-docs.deepseek.com/api/create-chat-completion
 * https://docs.z.ai/api-reference/llm/chat-completion
 * https://docs.cohere.com/reference/chat
 * https://huggingface.github.io/text-generation-inference/
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
const WORDS: Readonly<Record<FinishReason | 'error', string>> = {
  stop: 'stop stopped stop_sequence stop_token stop_string end end_turn end_of_text end_of_turn eos eos_token eot eot_id complete completed done finish finished normal',
  length:
    'length max_length model_length max_tokens max_token max_output_tokens max_new_tokens max_completion_tokens token_limit token_limit_reached length_limit error_limit model_context_window_exceeded context_length context_length_exceeded context_window_exceeded truncated incomplete',
  'tool-calls': 'tool_calls tool_call tool_use tools function_call function_calls',
  'content-filter':
    'content_filter content_filtered content_filtering filter filtered blocked blocklist safety recitation language prohibited_content spii model_armor image_safety image_prohibited_content image_recitation sensitive guardrail_intervened error_toxic moderation content_policy content_policy_violation policy_violation',
  refusal: 'refusal refused',
  // With `compaction`, the server waits to be called again with its summary.
  // https://platform.claude.com/docs/en/build-with-claude/compaction
  pause: 'pause pause_turn compaction',
  error:
    'error errored network_error server_error internal_error upstream_error insufficient_system_resource abort aborted cancelled canceled failed failure timeout malformed_function_call malformed_response unexpected_tool_call too_many_tool_calls missing_thought_signature malformed_model_output malformed_tool_use',
  other: 'other',
};

const REASONS: ReadonlyMap<string, FinishReason | 'error'> = new Map(
  (Object.keys(WORDS) as (FinishReason | 'error')[]).flatMap((reason) =>
    WORDS[reason].split(' ').map((word) => [word, reason] as const),
  ),
);

function reasonFor(raw: string): FinishReason | 'error' | undefined {
  const word = raw
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^finish_reason_/, '');
  return REASONS.get(word);
}

/** The finish reason for a server's word for it, in any case. `error` is a failure, not a finish reason. */
export function toFinishReason(raw: string): FinishReason | 'error' {
  return reasonFor(raw) ?? 'other';
}

/** The finish reason for a server's word for it, in any case; `undefined` for words that are not known, and for failures. */
export function finishReasonOf(raw: unknown): FinishReason | undefined {
  const reason = typeof raw === 'string' ? reasonFor(raw) : undefined;
  return reason === 'error' ? undefined : reason;
}
