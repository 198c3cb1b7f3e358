import type { Body } from '../../utils/merge-bodies.ts';

/** What a server that speaks Chat Completions takes otherwise than most. */
export interface CompatibleFlags {
  /** Asks for token counts by `stream_options`. Default true. */
  readonly streamUsage?: boolean | undefined;
  /** The role of system text. Default `system`. */
  readonly systemRole?: 'system' | 'developer' | 'user' | undefined;
  /** The field for the bound on the answer. Default: what OpenAI takes for the model. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Sends `reasoning_effort`. Default true. */
  readonly reasoningEffort?: boolean | undefined;
  /** Sends `strict` with tools that set it. Default true. */
  readonly strictTools?: boolean | undefined;
}

interface CompletionsBody extends Body {
  readonly messages?: readonly Body[];
  readonly tools?: readonly { readonly function?: Body }[];
}

/**
 * Makes the body of `openai` fit a server that refuses parts of it:
 * `openai({ baseURL, body: compatible({ streamUsage: false, maxTokensField: 'max_tokens' }) })`.
 * It works on all that would be sent, `providerOptions` included.
 */
export function compatible(flags: CompatibleFlags): (body: Body) => Body {
  const { systemRole, maxTokensField } = flags;
  // What is undefined does not get into the JSON.
  const without: Body = {
    ...(flags.streamUsage === false && { stream_options: undefined }),
    ...(flags.reasoningEffort === false && { reasoning_effort: undefined }),
    ...(maxTokensField && { max_tokens: undefined, max_completion_tokens: undefined }),
  };
  return (body) => {
    const { messages, tools, max_tokens: max, max_completion_tokens: bound = max } = body as CompletionsBody;
    return {
      ...body,
      ...without,
      ...(maxTokensField && { [maxTokensField]: bound }),
      ...(systemRole && {
        messages: messages?.map((message) => (message['role'] === 'system' ? withRole(message, systemRole) : message)),
      }),
      ...(flags.strictTools === false && { tools: tools?.map(withoutStrict) }),
    };
  };
}

function withRole(message: Body, role: string): Body {
  return { ...message, role };
}

function withoutStrict(tool: { readonly function?: Body }): Body {
  return tool.function ? { ...tool, function: { ...tool.function, strict: undefined } } : tool;
}
