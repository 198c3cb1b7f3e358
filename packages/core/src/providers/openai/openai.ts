import { readError } from '../../transport/error-frame.ts';
import { createEndpoint, type EndpointOptions } from '../shared/endpoint.ts';
import { lazyWire } from './lazy-wire.ts';
import type { HttpProvider } from '../provider.ts';
import type { ThoughtsOption } from '../shared/thoughts.ts';

export { compatible, type CompatibleFlags } from './compatible.ts';

export interface OpenAIOptions extends EndpointOptions, ThoughtsOption {
  /** Address up to, and without, `/chat/completions`. Default `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined;
  /** Name for messages to people, and the key in `providerOptions`. Default `openai`. */
  readonly name?: string | undefined;
}

const wire = lazyWire(() => import('./openai-wire.ts'));

/**
 * OpenAI's Chat Completions, and every server that speaks them.
 * https://platform.openai.com/docs/api-reference/chat
 * @throws {LLMError} with code `config` when the key would be exposed or `baseURL` is no address.
 */
export function openai(options: OpenAIOptions = {}): HttpProvider {
  const { name = 'openai', baseURL = 'https://api.openai.com/v1' } = options;
  const endpoint = createEndpoint(name, baseURL, options, (key) => ['authorization', `Bearer ${key}`]);
  return {
    name,
    supports: { tools: true, json: 'openai' },
    framing: 'sse',
    load: wire.load,
    async request(given, context) {
      const { postRequest, prepareRequest } = await wire.load();
      const { request, body } = await prepareRequest(given, context, name);
      return postRequest(endpoint, '/chat/completions', body, request, context);
    },
    decoder: () => wire.loaded().createDecoder(name, options),
    error: (status, headers, body) => readError(name, body, status, headers),
  };
}
