import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import type { Provider } from '@rivulet/core';
import { LLM_BASE_PATH, STATUS_PATH, type LLMStatus, type ProviderInfo } from '../../shared/llm-endpoint.ts';
import type { ModelSource } from './model-source.ts';

const FACTORIES: Record<string, (options: { baseURL: string }) => Provider> = {
  openai,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
  ollama,
};

/** The models behind the server that served the page. */
export async function findServedModels(signal: AbortSignal): Promise<ModelSource> {
  const response = await fetch(STATUS_PATH, { signal });
  if (!response.ok) throw new Error(`Status ${response.status}`);
  const { providers } = (await response.json()) as LLMStatus;
  const [first, ...rest] = providers;
  if (!first) throw new Error('The server has no models');
  return { providers: [first, ...rest], connect };
}

function connect({ id }: ProviderInfo): Provider {
  // The page has no key: the server behind this path adds it, or answers with the offline model.
  const baseURL = new URL(LLM_BASE_PATH, location.origin).href;
  const create = FACTORIES[id];
  if (!create) throw new Error(`No such provider: ${id}`);
  return create({ baseURL });
}
