import type { FinishReason } from '../completion.ts';

/** The words of all wires, because gateways pass them on from one to another. Spelled in lower case with underscores. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries<readonly string[]>({
    stop: ['stop', 'end_turn', 'stop_sequence', 'eos', 'eos_token', 'end_of_turn', 'complete', 'completed', 'finished'],
    length: [
      'length',
      'max_tokens',
      'max_output_tokens',
      'max_completion_tokens',
      'max_new_tokens',
      'max_length',
      'model_length',
      'token_limit',
      'context_length',
      'model_context_window_exceeded',
    ],
    'tool-calls': ['tool_use', 'tool_call', 'tool_calls', 'function_call', 'function_calls'],
    'content-filter': [
      'content_filter',
      'content_filtered',
      'content_filtering',
      'safety',
      'sensitive',
      'recitation',
      'language',
      'blocklist',
      'prohibited_content',
      'spii',
      'model_armor',
      'image_safety',
      'image_prohibited_content',
      'image_recitation',
      'guardrail_intervened',
    ],
    refusal: ['refusal'],
    pause: ['pause', 'pause_turn'],
  }).flatMap(([reason, words]) => words.map((word) => [word, reason as FinishReason] as const)),
);

/** The finish reason for a server's word, in any case; `undefined` for words that are not known. */
export function finishReasonOf(word: unknown): FinishReason | undefined {
  return typeof word === 'string' ? REASONS.get(word.toLowerCase().replaceAll('-', '_')) : undefined;
}
