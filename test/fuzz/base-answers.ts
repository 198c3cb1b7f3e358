import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpProvider } from '@rivulet/core';
import { plainText } from '@rivulet/core/plain-text';
import {
  agents,
  completions,
  generateContent,
  local,
  messages,
  responses,
  uiMessages,
  type SampleWire,
} from '../../packages/core/test/support/sample-answers.ts';
import type { Json } from '../../packages/core/test/support/well-formed-answer.ts';

/** A wire with intact answers, which are then mutated. */
export interface BaseWire {
  readonly name: string;
  readonly provider: HttpProvider;
  readonly framing: 'sse' | 'ndjson' | 'text';
  readonly answers: readonly (readonly Json[])[];
  /** Sent after the last frame. */
  readonly endMark: string;
  /** Whether a frame may end an answer. An answer without such a frame is not complete. Absent if the wire has no end mark. */
  readonly isEnd?: (frame: Json) => boolean;
}

const RECORDINGS = process.env['RIVULET_STREAMS'] ?? '';

/** Recorded answers, one frame per line, in a folder of `RIVULET_STREAMS`. */
function recorded(folder: string): Json[][] {
  const path = join(RECORDINGS, folder);
  if (RECORDINGS === '' || !existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) =>
      readFileSync(join(path, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Json),
    );
}

function has(pattern: RegExp): (frame: Json) => boolean {
  return (frame) => pattern.test(JSON.stringify(frame));
}

function baseWire(
  { name, provider, answers }: SampleWire,
  isEnd: RegExp,
  { folder = '', endMark = '' }: { readonly folder?: string; readonly endMark?: string } = {},
): BaseWire {
  const { framing } = provider;
  return { name, provider, framing, answers: [...answers, ...recorded(folder)], endMark, isEnd: has(isEnd) };
}

const error = { error: { message: 'Overloaded', type: 'overloaded_error', code: 'overloaded' } };

function withErrors(wire: BaseWire, ...errors: readonly Json[]): BaseWire {
  const start = (wire.answers[0] ?? []).slice(0, 3);
  const failed = errors.map((frame) => start.concat([frame]));
  return { ...wire, answers: [...wire.answers, ...failed] };
}

export const BASE_WIRES: readonly BaseWire[] = [
  withErrors(
    baseWire(completions, /"finish_reason":"/, { folder: 'openai-chat', endMark: 'data: [DONE]\n\n' }),
    error,
    { choices: [{ index: 0, delta: {}, finish_reason: 'error', error: { message: 'Failed', code: 502 } }] },
  ),
  withErrors(
    baseWire(responses, /"type":"response\.(completed|incomplete|failed)"|^\{[^{]*"object":"response"/, {
      folder: 'openai-responses',
    }),
    { type: 'error', code: 'server_error', message: 'Failed', param: null },
    { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'Failed' } } },
  ),
  withErrors(baseWire(messages, /"stop_reason":"|"type":"message_stop"/, { folder: 'anthropic' }), {
    type: 'error',
    ...error,
  }),
  withErrors(
    baseWire(generateContent, /"(finishReason|blockReason)":"/, { folder: 'gemini' }),
    { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } },
    { promptFeedback: { blockReason: 'SAFETY' } },
  ),
  withErrors(baseWire(local, /"done":true/), { error: 'model runner has unexpectedly stopped' }),
  withErrors(baseWire(uiMessages, /"type":"(finish|abort)"/, { endMark: 'data: [DONE]\n\n' }), {
    type: 'error',
    errorText: 'Failed',
  }),
  withErrors(baseWire(agents, /"type":"RUN_FINISHED"/), { type: 'RUN_ERROR', message: 'Failed', code: '500' }),
  {
    name: 'plain-text',
    provider: plainText({ api: 'http://127.0.0.1' }),
    framing: 'text',
    answers: [
      ['Hello, ', 'world 👋\n'],
      ['<think>Hm', '</think>\n# Title\n\n', '- one\n'],
    ],
    endMark: '',
  },
];
