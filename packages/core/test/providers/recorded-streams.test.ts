import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Completion } from '@rivulet/core';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DONE } from '../support/chat-completions.ts';
import { clientReading, cutAt, toBytes } from '../support/client.ts';

const streams = process.env['RIVULET_STREAMS'] || fileURLToPath(new URL('../../../../shared/streams', import.meta.url));
const folder = join(streams, 'openai-chat');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];

if (files.length === 0) console.log(`Recorded streams: none in ${folder}, so they are skipped`);
else console.log(`Recorded streams: ${files.length} of openai-chat in ${folder}`);

interface RawChunk {
  id?: string;
  model?: string;
  choices?: {
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      reasoning?: string | null;
      tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[];
    };
    finish_reason?: string | null;
    usage?: RawUsage;
  }[];
  usage?: RawUsage | null;
}

interface RawUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

/** What the recorded lines say, in the simplest way that there is. */
function expectedFrom(lines: readonly string[]): object {
  let text = '';
  let reasoning = '';
  let finish = '';
  let usage: RawUsage | undefined;
  const calls: { id: string; name: string; rawInput: string }[] = [];
  const chunks = lines.map((line) => JSON.parse(line) as RawChunk);
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices ?? []) {
      text += choice.delta?.content ?? '';
      reasoning += choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? '';
      finish = choice.finish_reason ?? finish;
      usage = choice.usage ?? usage;
      for (const call of choice.delta?.tool_calls ?? []) {
        const known = (calls[call.index ?? 0] ??= { id: '', name: '', rawInput: '' });
        known.id += call.id ?? '';
        known.name += call.function?.name ?? '';
        known.rawInput += call.function?.arguments ?? '';
      }
    }
  }
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage!;
  const thought = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    id: chunks.find(({ id }) => id)?.id,
    model: chunks.find(({ model }) => model)?.model,
    text,
    reasoning,
    toolCalls: calls.map(({ id, name, rawInput }) => ({
      id,
      name,
      rawInput,
      input: JSON.parse(rawInput || '{}') as unknown,
    })),
    finishReason: finish.replace('_', '-'),
    rawFinishReason: finish,
    usage: {
      inputTokens: input,
      // The counts of xAI add up only with the reasoning.
      outputTokens: total === input + output ? output : total - input,
      totalTokens: total,
      cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens,
      reasoningTokens: thought,
      raw: usage,
    },
  };
}

function essence(completion: Completion): object {
  const { id, model, text, reasoning, toolCalls, finishReason, rawFinishReason, usage } = completion;
  return {
    id,
    model,
    text,
    reasoning,
    toolCalls: toolCalls.map(({ id: call, name, rawInput, input }) => ({ id: call, name, rawInput, input })),
    finishReason,
    rawFinishReason,
    usage,
  };
}

describe.skipIf(files.length === 0)('a recorded stream of a chat completion', () => {
  it.each(files)('%s is decoded into what its lines say', async (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    const expected = expectedFrom(lines);
    const body = lines.map((line) => `data: ${line}\n\n`).join('') + DONE;
    const bytes = toBytes(body);

    expect(essence(await clientReading([body]).complete('hello'))).toEqual(expected);
    expect(essence(await clientReading([body.replaceAll('\n', '\r\n')]).complete('hello'))).toEqual(expected);

    await assert(
      asyncProperty(array(nat(), { maxLength: 300, size: 'max' }), async (cuts) => {
        expect(essence(await clientReading(cutAt(bytes, cuts)).complete('hello'))).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it.each(files)('%s is no success when its last lines are missing', async (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    const isFinish = (line: string): boolean =>
      (JSON.parse(line) as RawChunk).choices?.some((choice) => choice.finish_reason) ?? false;
    const body = lines
      .slice(0, lines.findIndex(isFinish))
      .map((line) => `data: ${line}\n\n`)
      .join('');

    await expect(clientReading([body]).complete('hello')).rejects.toMatchObject({ code: 'truncated' });
  });
});
