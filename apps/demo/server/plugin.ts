import { fileURLToPath } from 'node:url';
import type { Connect, Plugin } from 'vite';
import { LLM_BASE_PATH, type ModelInfo } from '../shared/llm-endpoint.ts';
import { createEndpoint, type EndpointConfig, type Route } from './endpoint.ts';
import type { Upstream } from './forward.ts';
import { startOfflineModel } from './offline-model.ts';
import { demoModelInfo } from './reply/models.ts';
import { mendResponses } from './fix-responses-stream.ts';
import { readSettings, type ProviderSettings } from './settings.ts';
import { wires } from './protocols.ts';

const MAX_TOKENS = 4096;

const demoFolder = fileURLToPath(new URL('..', import.meta.url));
const repositoryFolder = fileURLToPath(new URL('../../..', import.meta.url));

interface Host {
  middlewares: Connect.Server;
  httpServer: { once(event: 'close', listener: () => void): unknown } | null;
}

/**
 * Gives the dev server and the preview server the demo's models: the offline one in the format of each provider, and in
 * place of it a real one for Chat Completions when there is a key.
 */
export function llm(): Plugin {
  let mode = 'development';
  const attach = async (host: Host): Promise<void> => {
    host.middlewares.use(createEndpoint(await prepare(mode, host)));
  };
  return {
    name: 'rivulet-demo-llm',
    configResolved(config) {
      mode = config.mode;
    },
    configureServer: (server) => attach({ middlewares: server.middlewares, httpServer: server.httpServer }),
    configurePreviewServer: (server) => attach({ middlewares: server.middlewares, httpServer: server.httpServer }),
  };
}

async function prepare(mode: string, host: Host): Promise<EndpointConfig> {
  const settings = readSettings(mode, [repositoryFolder, demoFolder]);
  const offline = await startOfflineModel();
  host.httpServer?.once('close', () => void offline.stop());

  const routes = new Map<string, Route>();
  const providers = wires.map(({ id, label, description, path, upstreamPath, ...fields }) => {
    const isReal = id === 'openai' && settings.mode === 'provider';
    const models = isReal ? realModels(settings) : demoModelInfo;
    const ids = models.map((model) => model.id);
    const isInPath = path.includes('{model}');
    for (const model of isInPath ? ids : ['']) {
      const upstream: Upstream = isReal
        ? { url: `${settings.baseURL}/chat/completions`, apiKey: settings.apiKey }
        : {
            url: offline.origin + upstreamPath.replace('{model}', model),
            apiKey: offline.apiKey,
            headersFor: (body) => offline.headersFor(body, id),
            mend: id === 'openai-responses' ? mendResponses : undefined,
          };
      routes.set(LLM_BASE_PATH + path.replace('{model}', model), {
        upstream,
        limits: {
          ...fields,
          models: isInPath ? null : ids,
          maxTokens: MAX_TOKENS,
          // OpenAI's newer models refuse the older name.
          ...(upstream.url.startsWith('https://api.openai.com/') && {
            caps: [['max_completion_tokens'], ['max_tokens']],
          }),
        },
      });
    }
    return isReal
      ? { id, label, description, mode: 'provider' as const, host: new URL(settings.baseURL).host, models }
      : { id, label, description, mode: 'offline' as const, models };
  });
  return { status: { providers }, routes };
}

function realModels({ model, baseURL }: ProviderSettings): ModelInfo[] {
  return [{ id: model, label: model, description: `Answers from ${new URL(baseURL).host}.` }];
}
