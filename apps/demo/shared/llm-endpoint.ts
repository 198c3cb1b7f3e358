/** Where the page finds the model: paths of the dev server, on the page's own origin. */
export const LLM_BASE_PATH = '/api/llm';
export const COMPLETIONS_PATH = `${LLM_BASE_PATH}/chat/completions`;
export const STATUS_PATH = `${LLM_BASE_PATH}/status`;

export interface ModelInfo {
  id: string;
  label: string;
  description: string;
}

/** What `GET /api/llm/status` answers: which models are on, and whether they are real. No secrets. */
export interface LLMStatus {
  mode: 'offline' | 'provider';
  /** The host that answers, such as `api.openai.com`; only with a real provider. */
  host?: string | undefined;
  /** The first one is the default. */
  models: ModelInfo[];
}
