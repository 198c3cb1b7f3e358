import type OpenAI from 'openai';
import type { Check, Drift } from './check.ts';

// Decoder: packages/core/src/providers/openai-responses/openai-responses.ts

type Responses = OpenAI.Responses.Response;

type DecodedEvents =
  | 'error'
  | 'response.completed'
  | 'response.failed'
  | 'response.incomplete'
  | 'response.output_item.added'
  | 'response.output_item.done'
  | 'response.output_text.delta'
  | 'response.output_text.annotation.added'
  | 'response.refusal.delta'
  | 'response.reasoning_text.delta'
  | 'response.reasoning_summary_text.delta'
  | 'response.function_call_arguments.delta'
  | 'response.custom_tool_call_input.delta';

/** States before the end. The first one has the id and the model. */
type States = 'response.created' | 'response.in_progress' | 'response.queued';

/** They repeat deltas, or the item that `response.output_item.done` has. */
type Repeats =
  | 'response.content_part.added'
  | 'response.content_part.done'
  | 'response.output_text.done'
  | 'response.refusal.done'
  | 'response.reasoning_text.done'
  | 'response.reasoning_summary_part.added'
  | 'response.reasoning_summary_part.done'
  | 'response.reasoning_summary_text.done'
  | 'response.function_call_arguments.done'
  | 'response.custom_tool_call_input.done';

/** Progress of tools that run at the server: `response.output_item.done` has the whole item. */
type ServerToolEvents =
  | 'response.code_interpreter_call.completed'
  | 'response.code_interpreter_call.in_progress'
  | 'response.code_interpreter_call.interpreting'
  | 'response.code_interpreter_call_code.delta'
  | 'response.code_interpreter_call_code.done'
  | 'response.compaction.compacting'
  | 'response.file_search_call.completed'
  | 'response.file_search_call.in_progress'
  | 'response.file_search_call.searching'
  | 'response.image_generation_call.completed'
  | 'response.image_generation_call.generating'
  | 'response.image_generation_call.in_progress'
  | 'response.image_generation_call.partial_image'
  | 'response.mcp_call.completed'
  | 'response.mcp_call.failed'
  | 'response.mcp_call.in_progress'
  | 'response.mcp_call_arguments.delta'
  | 'response.mcp_call_arguments.done'
  | 'response.mcp_list_tools.completed'
  | 'response.mcp_list_tools.failed'
  | 'response.mcp_list_tools.in_progress'
  | 'response.shell_call_command.added'
  | 'response.shell_call_command.delta'
  | 'response.shell_call_command.done'
  | 'response.shell_call_output_content.delta'
  | 'response.shell_call_output_content.done'
  | 'response.web_search_call.completed'
  | 'response.web_search_call.in_progress'
  | 'response.web_search_call.searching';

/** Spoken answers: no option of ours asks for one. */
type AudioEvents =
  | 'response.audio.delta'
  | 'response.audio.done'
  | 'response.audio.transcript.delta'
  | 'response.audio.transcript.done';

/** Items with parts of their own: text, reasoning, calls for the page, files. */
type Items = 'message' | 'reasoning' | 'function_call' | 'custom_tool_call' | 'image_generation_call';

/** Other items have to go back in their place: one rule keeps them all as data parts. */
type KeptItems =
  | 'additional_tools'
  | 'apply_patch_call'
  | 'apply_patch_call_output'
  | 'code_interpreter_call'
  | 'compaction'
  | 'computer_call'
  | 'computer_call_output'
  | 'custom_tool_call_output'
  | 'file_search_call'
  | 'function_call_output'
  | 'local_shell_call'
  | 'local_shell_call_output'
  | 'mcp_approval_request'
  | 'mcp_approval_response'
  | 'mcp_call'
  | 'mcp_list_tools'
  | 'program'
  | 'program_output'
  | 'shell_call'
  | 'shell_call_output'
  | 'tool_search_call'
  | 'tool_search_output'
  | 'web_search_call';

type Content = 'output_text' | 'refusal';
type StreamedContent = Content | 'reasoning_text';

/** Each is a source; the annotation itself is kept and sent back. */
type Annotations = 'url_citation' | 'file_citation' | 'container_file_citation' | 'file_path';

type Statuses = 'completed' | 'failed' | 'incomplete' | 'cancelled' | 'in_progress' | 'queued';

type IncompleteReasons = 'max_output_tokens' | 'content_filter';
/** `other`: the server took in another message while it answered, or reached its own bound on messages. */
type OtherIncompleteReasons = 'steered' | 'max_messages';

/** Codes of a failed response become error classes in packages/core/src/transport/http-error.ts. */
type ErrorCodes = 'server_error' | 'rate_limit_exceeded' | 'vector_store_timeout' | 'data_residency_mismatch';
/** The prompt was refused. */
type PromptErrorCodes =
  | 'invalid_prompt'
  | 'bio_policy'
  | 'misalignment_policy_violation'
  | 'image_content_policy_violation';
/** The request has an image that the server cannot read. */
type ImageErrorCodes =
  | 'empty_image_file'
  | 'failed_to_download_image'
  | 'image_file_not_found'
  | 'image_file_too_large'
  | 'image_parse_error'
  | 'image_too_large'
  | 'image_too_small'
  | 'invalid_base64_image'
  | 'invalid_image'
  | 'invalid_image_format'
  | 'invalid_image_mode'
  | 'invalid_image_url'
  | 'unsupported_image_media_type';

export type OpenAIResponses = Check<{
  errorCodes: Drift<OpenAI.Responses.ResponseError['code'], ErrorCodes | PromptErrorCodes | ImageErrorCodes>;
  events: Drift<
    OpenAI.Responses.ResponseStreamEvent['type'],
    DecodedEvents | States | Repeats | ServerToolEvents | AudioEvents
  >;
  items: Drift<OpenAI.Responses.ResponseOutputItem['type'], Items | KeptItems>;
  content: Drift<OpenAI.Responses.ResponseOutputMessage['content'][number]['type'], Content>;
  streamedContent: Drift<OpenAI.Responses.ResponseContentPartAddedEvent['part']['type'], StreamedContent>;
  annotations: Drift<OpenAI.Responses.ResponseOutputText['annotations'][number]['type'], Annotations>;
  statuses: Drift<OpenAI.Responses.ResponseStatus, Statuses>;
  incompleteReasons: Drift<
    NonNullable<Responses['incomplete_details']>['reason'],
    IncompleteReasons | OtherIncompleteReasons
  >;
}>;
