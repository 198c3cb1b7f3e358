import type { Fields } from '../../errors/check-options.ts';
import { LLMError } from '../../errors/error.ts';
import type { HttpRequest } from '../../transport/send.ts';
import { newId } from '../../utils/id.ts';
import type { MessageInput } from '../../types/message.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { createEndpoint, ENDPOINT_FIELDS, type EndpointOptions } from './endpoint.ts';
import { postRequest } from './post-request.ts';
import type { RequestContext, ResolvedRequest } from '../provider.ts';

/** What the providers for an app's own backend take. Most backends know their users by cookie and need no `apiKey`. */
export interface OwnBackendOptions extends EndpointOptions {
  /** Address to post to; one without an origin, such as `/api/chat`, is that of the page. */
  readonly api?: string | undefined;
  /** Name for messages to people, and the key in `providerOptions`. */
  readonly name?: string | undefined;
}

const BACKEND_FIELDS: Fields = {
  ...ENDPOINT_FIELDS,
  api: 'a string',
  id: 'a string or a function',
  threadId: 'a string or a function',
};

/** Which conversation a request belongs to, for a backend that keeps them. */
export type ThreadId = string | ((messages: readonly MessageInput[]) => string);

/** Sends a body. */
export type Post = (body: Body, request: ResolvedRequest, context: RequestContext) => Promise<HttpRequest>;

/**
 * The way to an app's own backend.
 * @throws {LLMError} with code `config` when the key would be exposed or the address is none.
 */
export function ownBackend(name: string, api: string, options: EndpointOptions): Post {
  const endpoint = createEndpoint(name, api, options, (key) => ['authorization', `Bearer ${key}`], {
    backendFields: BACKEND_FIELDS,
  });
  return (body, request, context) => postRequest(endpoint, '', body, request, context);
}

/**
 * What a request says of the answer, besides the messages; nothing else that its caller had in it. There are no defaults:
 * the backend has its own.
 */
export function settingsOf(request: ResolvedRequest): Body {
  const { system, model, temperature, maxTokens, stop, tools, toolChoice, reasoning } = request;
  // `null` says that there is to be none.
  const [heat, limit] = [temperature ?? undefined, maxTokens ?? undefined];
  return { system, model, temperature: heat, maxTokens: limit, stop, tools, toolChoice, reasoning };
}

/**
 * The same for all requests of a conversation: without an id of its own, it is that of its first message.
 * @throws {LLMError} for an id that is not text.
 */
export function threadIdOf({ messages, conversation }: ResolvedRequest, id?: ThreadId): string {
  const threadId: unknown =
    (typeof id === 'function' ? id(messages) : id) ?? conversation?.id ?? messages[0]?.id ?? newId();
  if (typeof threadId === 'string') return threadId;
  throw new LLMError(`The id of the conversation is a ${typeof threadId}, not a text`, { code: 'invalid_request' });
}
