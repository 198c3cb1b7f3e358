import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Completion } from '@rivulet/core';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAt, readAll, toBytes } from '../../support/client.ts';
import { fold } from '../../support/fold.ts';
import { clientReading, NAME } from '../../support/responses.ts';

const streams = process.env['RIVULET_STREAMS'] || fileURLToPath(new URL('../../../../shared/streams', import.meta.url));
const folder = join(streams, 'openai-responses');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];

if (files.length === 0) console.log(`Recorded streams: none in ${folder}, so they are skipped`);
else console.log(`Recorded streams: ${files.length} of ${NAME} in ${folder}`);

interface RawItem {
  type: string;
  call_id: string;
  name: string;
  arguments?: string;
  input?: string;
  encrypted_content?: string | null;
  content?: { text?: string }[];
}

interface RawEvent {
  type: string;
  delta?: string;
  item?: RawItem;
  annotation?: unknown;
  error?: { code: string };
  response?: {
    id: string;
    model: string;
    output?: RawItem[];
    usage: {
      input_tokens: number;
      output_tokens: number;
      total_tokens: number;
      input_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number };
      output_tokens_details?: { reasoning_tokens?: number };
    } | null;
  };
}

/** The responses of a file, each with its lines: some hold a conversation. */
function responsesIn(file: string): { name: string; lines: string[] }[] {
  const found: string[][] = [];
  for (const line of readFileSync(join(folder, file), 'utf8').trim().split('\n')) {
    if ((JSON.parse(line) as RawEvent).type === 'response.created') found.push([]);
    found.at(-1)?.push(line);
  }
  return found.map((lines, at) => ({ name: found.length > 1 ? `${file}, response ${at + 1}` : file, lines }));
}

/** What the recorded lines say, in the simplest way that there is. */
function expectedFrom(lines: readonly string[]): object {
  const all = lines.map((line) => JSON.parse(line) as RawEvent);
  const joined = (...types: string[]): string =>
    all.map(({ type, delta }) => (types.includes(type) ? (delta ?? '') : '')).join('');
  const items = all.flatMap(({ type, item }) => (type === 'response.output_item.done' && item ? item : []));
  const toolCalls = items.flatMap(({ type, call_id: id, name, arguments: rawInput, input }) => {
    if (type === 'custom_tool_call') return { id, name, rawInput: input, input };
    return type === 'function_call' ? { id, name, rawInput, input: JSON.parse(rawInput || '{}') as unknown } : [];
  });
  const { usage } = all.at(-1)!.response!;
  return {
    id: all[0]!.response!.id,
    model: all[0]!.response!.model,
    text: joined('response.output_text.delta'),
    reasoning: joined('response.reasoning_summary_text.delta', 'response.reasoning_text.delta'),
    toolCalls,
    encrypted: items.flatMap(({ encrypted_content: content }) => content ?? []),
    sources: all.filter(({ annotation }) => annotation).length,
    finishReason: toolCalls.length > 0 ? 'tool-calls' : 'stop',
    rawFinishReason: all.at(-1)!.type.replace('response.', ''),
    usage: usage && {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      totalTokens: usage.total_tokens,
      cachedInputTokens: usage.input_tokens_details?.cached_tokens,
      cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
      reasoningTokens: usage.output_tokens_details?.reasoning_tokens,
      raw: usage,
    },
  };
}

function essence(completion: Completion): object {
  const {
    id,
    model,
    text: said,
    reasoning,
    toolCalls,
    finishReason,
    rawFinishReason,
    usage,
    sources,
    message,
  } = completion;
  return {
    id,
    model,
    text: said,
    reasoning,
    toolCalls: toolCalls.map(({ id: call, name, rawInput, input }) => ({ id: call, name, rawInput, input })),
    encrypted: message.parts.flatMap(({ type, providerMetadata }) =>
      type === 'reasoning' ? ((providerMetadata?.[NAME] as RawItem | undefined)?.encrypted_content ?? []) : [],
    ),
    sources: sources.length,
    finishReason,
    rawFinishReason,
    usage,
  };
}

/** As the host sends it: the lines have no names of events. */
function toBody(lines: readonly string[]): string {
  return lines.map((line) => `event: ${(JSON.parse(line) as RawEvent).type}\ndata: ${line}\n\n`).join('');
}

const recorded = files.flatMap((file) => responsesIn(file));
const isFailed = ({ lines }: { lines: string[] }): boolean =>
  (JSON.parse(lines.at(-1)!) as RawEvent).type === 'response.failed';
const answered = recorded.filter((one) => !isFailed(one));

describe.skipIf(files.length === 0)('a recorded stream of the Responses API', () => {
  it.each(answered)('$name is decoded into what its lines say', async ({ lines }) => {
    const expected = expectedFrom(lines);
    const body = toBody(lines);
    const bytes = toBytes(body);

    expect(essence(await clientReading(body).complete('hello'))).toEqual(expected);
    const { items } = await readAll(clientReading(body).stream('hello'));
    expect(fold(items)).toMatchObject({ text: (expected as { text: string }).text });
    await assert(
      asyncProperty(array(nat(), { maxLength: 300, size: 'max' }), async (cuts) => {
        expect(essence(await clientReading(...cutAt(bytes, cuts)).complete('hello'))).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });

  it.each(answered)('$name is the same when each line comes twice', async ({ lines }) => {
    // Only what is numbered can be told apart from what is said twice.
    const twice = lines.flatMap((line) => (line.includes('"sequence_number"') ? [line, line] : line));

    expect(essence(await clientReading(toBody(twice)).complete('hello'))).toEqual(expectedFrom(lines));
  });

  it.each(answered)('$name ends with a document that says the same', async ({ lines }) => {
    const { output = [], ...document } = (JSON.parse(lines.at(-1)!) as RawEvent).response!;
    const streamed = await clientReading(toBody(lines)).complete('hello');
    const whole = await clientReading(JSON.stringify({ ...document, output })).complete('hello');

    const { reasoning, toolCalls, finishReason, usage } = streamed;
    expect(whole).toMatchObject({ reasoning, toolCalls, finishReason, usage });
    // Of some answers only the first deltas were recorded.
    expect(whole.text).toBe(output.flatMap(({ content }) => content?.map((piece) => piece.text) ?? []).join(''));
  });

  it.each(answered)('$name is no success when its last line is missing', async ({ lines }) => {
    await expect(clientReading(toBody(lines.slice(0, -1))).complete('hello')).rejects.toMatchObject({
      code: 'truncated',
    });
  });

  it.each(recorded.filter(isFailed))('$name is the failure that it tells', async ({ lines }) => {
    const { error } = lines.map((line) => JSON.parse(line) as RawEvent).find((event) => event.error)!;

    await expect(clientReading(toBody(lines)).complete('hello')).rejects.toMatchObject({ code: error!.code });
  });
});
