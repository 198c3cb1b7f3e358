import type { Mode } from '../../../shared/llm-endpoint.ts';

const TOPICS = [
  'Explain how a river finds the sea',
  'Explain why there are two tides',
  'Explain how tokens reach this page',
  'Write a TypeScript debounce function',
];

/** The demo's own model obeys this. */
const FAULT = 'Cut the answer off';

export function topicsFor(mode: Mode): readonly string[] {
  return mode === 'provider' ? TOPICS : [...TOPICS, FAULT];
}
