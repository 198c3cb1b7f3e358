import type { ProviderId } from '../shared/llm-endpoint.ts';

/** Where a field stands in a body. */
export type FieldPath = readonly [name: string] | readonly [parent: string, name: string];

/** One wire format that the page can speak, and where its limits stand. */
export interface Wire {
  id: ProviderId;
  label: string;
  description: string;
  /** Below the page's base path, and below the embedded model's origin. A model that stands in a path is in braces. */
  path: string;
  upstreamPath: string;
  messages: string;
  /** Where the number of output tokens may stand; the first is where it is put when there is none. */
  caps: readonly [FieldPath, ...FieldPath[]];
  /** Where more than one answer would be asked for: that would multiply the cap. */
  choices?: FieldPath;
}

export const wires: readonly [Wire, ...Wire[]] = [
  {
    id: 'openai',
    label: 'OpenAI Chat Completions',
    description: 'Also spoken by every server that is compatible with it.',
    path: '/chat/completions',
    upstreamPath: '/v1/chat/completions',
    messages: 'messages',
    caps: [['max_tokens'], ['max_completion_tokens']],
    choices: ['n'],
  },
  {
    id: 'openai-responses',
    label: 'OpenAI Responses',
    description: 'Typed events; reasoning as items.',
    path: '/responses',
    upstreamPath: '/v1/responses',
    messages: 'input',
    caps: [['max_output_tokens']],
  },
  {
    id: 'anthropic',
    label: 'Anthropic Messages',
    description: 'Blocks that start, grow and stop.',
    path: '/v1/messages',
    upstreamPath: '/v1/messages',
    messages: 'messages',
    caps: [['max_tokens']],
  },
  {
    id: 'gemini',
    label: 'Google Gemini',
    description: 'Parts of a candidate; the model is in the path.',
    path: '/v1beta/models/{model}:streamGenerateContent',
    upstreamPath: '/v1beta/models/{model}:streamGenerateContent?alt=sse',
    messages: 'contents',
    caps: [['generationConfig', 'maxOutputTokens']],
    choices: ['generationConfig', 'candidateCount'],
  },
  {
    id: 'ollama',
    label: 'Ollama',
    description: 'Lines of JSON instead of server-sent events.',
    path: '/api/chat',
    upstreamPath: '/api/chat',
    messages: 'messages',
    caps: [['options', 'num_predict']],
  },
];
