/** Where the page finds the models: paths of the dev server, on the page's own origin. */
export const LLM_BASE_PATH = '/api/llm';
export const STATUS_PATH = `${LLM_BASE_PATH}/status`;

export const PROVIDER_IDS = ['openai', 'openai-responses', 'anthropic', 'gemini', 'ollama'] as const;
export type ProviderId = (typeof PROVIDER_IDS)[number];

export interface ModelInfo {
  id: string;
  label: string;
  description: string;
}

/** Who answers: the embedded model, a real provider, or a script in the page itself. */
export type Mode = 'offline' | 'provider' | 'scripted';

/** One entry of the page's provider switch. No secrets. */
export interface ProviderInfo {
  id: ProviderId | 'scripted';
  label: string;
  description: string;
  mode: Mode;
  /** The host that answers, such as `api.openai.com`; only with a real provider. */
  host?: string | undefined;
  /** The first one is the default. */
  models: ModelInfo[];
}

/** What `GET /api/llm/status` answers. The first provider is the default. */
export interface LLMStatus {
  providers: (ProviderInfo & { id: ProviderId })[];
}
