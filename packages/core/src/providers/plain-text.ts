import { readError } from '../transport/error-frame.ts';
import { partsOf, textOf, type MessageInput } from '../types/message.ts';
import { ownBackend, settingsOf, type OwnBackendOptions } from './shared/backend-endpoint.ts';
import type { HttpProvider } from './provider.ts';

/** `api` is by default `/api/completion`, `name` is `plainText`. */
export type PlainTextOptions = OwnBackendOptions;

/**
 * A backend that answers with plain text, as it comes: `new Response(textStream)`.
 *
 * It gets a POST of `{ prompt, messages }` as JSON. `prompt` is the text of the last message. `messages` are all of
 * them, each with its text in `content`, and with `id`, `role` and `parts` where it has them. What else the request
 * says (`system`, `model`, `temperature`, `maxTokens`, `stop`, `reasoning`) is beside them, and only what it says: there
 * are no defaults. `body` and `providerOptions.plainText` are put in last.
 *
 * Text has no end mark. The answer counts as whole when HTTP says that its body is: a server that breaks off its
 * connection is an error, one that ends its body early cannot be told from one that was done. It cannot tell of failures
 * after the first byte, nor of token counts, either; `uiMessageStream` can. An HTML document with the
 * content-type `text/html`, such as the login page of a proxy, is a `ParseError`; send one that is the answer as `text/plain`.
 * @throws {LLMError} with code `config` when the key would be exposed or `api` is no address.
 */
export function plainText(options: PlainTextOptions = {}): HttpProvider {
  const { name = 'plainText', api = '/api/completion' } = options;
  const post = ownBackend(name, api, options);
  return {
    name,
    supports: { tools: false, json: 'backend' },
    framing: 'text',
    request(request, context) {
      const messages = request.messages.map(withContent);
      const body = { ...settingsOf(request), prompt: messages.at(-1)?.content, messages };
      return post(body, request, context);
    },
    decoder: () => ({
      push: ({ data }) => [{ type: 'text', delta: data }],
      end: () => [{ type: 'finish', reason: 'stop' }],
    }),
    error: (status, headers, body) => readError(name, body, status, headers),
  };
}

function withContent(message: MessageInput): { readonly content: string } {
  return { ...message, content: textOf(partsOf(message), 'text') };
}
