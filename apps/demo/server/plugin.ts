import { fileURLToPath } from 'node:url';
import type { Connect, Plugin } from 'vite';
import { createEndpoint, type EndpointConfig } from './endpoint.ts';
import { offlineModelInfo, startOfflineModel } from './offline-model.ts';
import { readSettings, type ProviderSettings } from './settings.ts';

const MAX_TOKENS = 4096;

const demoFolder = fileURLToPath(new URL('..', import.meta.url));
const repositoryFolder = fileURLToPath(new URL('../../..', import.meta.url));

interface Host {
  middlewares: Connect.Server;
  httpServer: { once(event: 'close', listener: () => void): unknown } | null;
}

/** Gives the dev server and the preview server the demo's model: the offline one, or a real one when there is a key. */
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
  if (settings.mode === 'provider') return providerConfig(settings);

  const offline = await startOfflineModel();
  host.httpServer?.once('close', () => void offline.stop());
  return {
    status: { mode: 'offline', models: offlineModelInfo },
    upstream: offline.upstream,
    limits: { models: offlineModelInfo.map((model) => model.id), maxTokens: MAX_TOKENS, capField: 'max_tokens' },
  };
}

function providerConfig({ apiKey, baseURL, model }: ProviderSettings): EndpointConfig {
  const { host, hostname } = new URL(baseURL);
  return {
    status: { mode: 'provider', host, models: [{ id: model, label: model, description: `Answers from ${host}.` }] },
    upstream: { url: `${baseURL}/chat/completions`, apiKey },
    limits: {
      models: [model],
      maxTokens: MAX_TOKENS,
      capField: hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens',
    },
  };
}
