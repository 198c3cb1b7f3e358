import type { ModelInfo } from '../../shared/llm-endpoint.ts';

/** How fast a demo model answers. */
export interface Pace {
  /** Time to the first token, in ms. */
  ttft: number;
  /** Tokens a second after it. */
  tps: number;
  /** By which part of itself each wait may vary. */
  jitter: number;
}

export interface DemoModel extends ModelInfo {
  pace: Pace;
  thinks?: boolean;
  /** It writes prose and a fence around JSON, whatever format is asked for. */
  lacksJsonMode?: boolean;
}

export const demoModels: readonly DemoModel[] = [
  {
    id: 'rivulet-demo',
    label: 'Demo',
    description: 'About 60 tokens a second.',
    pace: { ttft: 300, tps: 60, jitter: 0.35 },
  },
  {
    id: 'rivulet-demo-thinking',
    label: 'Demo, thinking',
    description: 'Shows its reasoning before every answer.',
    pace: { ttft: 300, tps: 60, jitter: 0.35 },
    thinks: true,
  },
  {
    id: 'rivulet-demo-fast',
    label: 'Demo, fast',
    description: 'About 250 tokens a second.',
    pace: { ttft: 120, tps: 250, jitter: 0.2 },
  },
  {
    id: 'rivulet-demo-plain',
    label: 'Demo, no JSON mode',
    description: 'Writes prose and a code fence around JSON.',
    pace: { ttft: 300, tps: 60, jitter: 0.35 },
    lacksJsonMode: true,
  },
];

export const demoModelInfo: ModelInfo[] = demoModels.map(({ id, label, description }) => ({ id, label, description }));

/** About a token: the usual rule of thumb for English. */
export const CHARACTERS_PER_TOKEN = 4;

export const SLOW_PACE: Pace = { ttft: 3000, tps: 14, jitter: 0.3 };

export function asksForPatience(prompt: string): boolean {
  return /^\s*(please\s+)?(take your time|(answer|write|go)\s+slowly)\b/i.test(prompt);
}
