import {
  IncrementalJsonParser,
  LLMClient,
  type GenerateRequest,
  type HttpProvider,
  type LLMError,
} from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { anthropic } from '@rivulet/core/anthropic';
import { openai } from '@rivulet/core/openai';
import { plainText } from '@rivulet/core/plain-text';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../test/support/http-server.ts';
import { sliceText, stringifyWellFormed, toWellFormed } from '../../src/utils/well-formed.ts';
import { excerpt } from '../../src/utils/excerpt.ts';
import { clientOf, failureOf } from '../support/client.ts';
import { clientFor } from '../support/wires.ts';

const HIGH = '\ud83d';
const LOW = '\ude00';
const LONE = /\p{Surrogate}/u;

const anyText = fc.string({
  unit: fc.constantFrom(HIGH, LOW, 'a', '\\', '"', 'u', 'd83d', '\n', '\u0007', '漢'),
  maxLength: 12,
});

describe('text with halves of surrogate pairs', () => {
  it('is well formed where each lone half is replaced', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const fixed = toWellFormed(text);

        expect(fixed).not.toMatch(LONE);
        expect(fixed).toHaveLength(text.length);
        expect(JSON.parse(stringifyWellFormed({ text: [text] }))).toEqual({ text: [fixed] });
      }),
      { numRuns: 2000 },
    );
  });

  it('is unchanged where it is well formed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stringifyWellFormed(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('😀', 'a') }), fc.nat(12), fc.nat(12), (text, start, end) => {
        const cut = sliceText(text, start, end);

        expect(cut).not.toMatch(LONE);
        expect(text.slice(start, end)).toContain(cut);
        expect(text.slice(start, end).length - cut.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('an excerpt', () => {
  it.each([198, 199, 200])('ends between characters: %d', (length) => {
    expect(excerpt(`${'x'.repeat(length)}😀😀`)).not.toMatch(LONE);
  });

  it.each([0, 1])('of JSON that cannot be read has whole characters: %d', (shift) => {
    const json = `["${'x'.repeat(shift)}${'😀'.repeat(60)}" 😀${'😀'.repeat(30)}`;
    let error: unknown;
    try {
      new IncrementalJsonParser().push(json);
    } catch (thrown) {
      error = thrown;
    }

    const { message, place } = error as LLMError;
    expect(message).toContain('Unexpected "😀"');
    expect(message).not.toMatch(/\\ud/);
    expect(place?.excerpt).not.toMatch(LONE);
  });

  it('of an answer of a server ends between characters', async () => {
    const body = JSON.stringify({ error: { message: `${'x'.repeat(199)}😀` } });
    await using server = await startHttpServer({ status: 400, chunks: [{ text: body }] });

    expect(((await failureOf(clientOf(server.url).complete('hello'))) as LLMError).message).not.toMatch(LONE);
  });
});

const cut = `weather: ${HIGH}`;

/** A conversation that has a lone half wherever text may be. */
const request: GenerateRequest = {
  system: cut,
  messages: [
    { role: 'user', content: cut },
    {
      role: 'assistant',
      parts: [
        { type: 'text', text: cut },
        { type: 'tool-call', id: 'c', name: 'weather', rawInput: '{}', input: { city: 'Oslo' } },
      ],
    },
    { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c', name: 'weather', output: `${LOW}rest` }] },
    {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: 'd', name: 'weather', rawInput: `{"at":"\\ud83d${LOW}"}` }],
    },
    {
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: 'd', name: 'weather', output: { [LOW]: [cut] } }],
    },
    { role: 'user', content: `${LOW}${HIGH}😀` },
  ],
};

async function bodyOf(provider: (url: string) => HttpProvider, sent: GenerateRequest = request): Promise<string> {
  await using server = await startHttpServer({ status: 400 });
  await failureOf(clientFor(provider(server.url)).complete(sent));
  return server.requests[0]!.body;
}

/** All strings in a JSON value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}

describe('a body', () => {
  it.each<[string, (baseURL: string) => HttpProvider]>([
    ['openai', (baseURL) => openai({ baseURL, body: (body) => ({ ...body, note: cut }) })],
    ['anthropic', (baseURL) => anthropic({ baseURL, body: { note: cut } })],
    ['agui', (api) => agui({ api, body: { note: cut } })],
    ['plainText', (api) => plainText({ api, body: (body) => ({ ...body, note: cut }) })],
  ])('that the app adds to has no lone half either: %s', async (_, provider) => {
    expect(stringsIn(JSON.parse(await bodyOf(provider, { prompt: 'hello' })))).toContain('weather: \ufffd');
  });

  it('keeps text that only looks like an escape', async () => {
    const text = String.raw`\ud83d \\ud83d \\\ude00`;
    const body = await bodyOf((baseURL) => openai({ baseURL }), { prompt: `${text}${HIGH}` });

    expect(stringsIn(JSON.parse(body))).toContain(`${text}\ufffd`);
  });
});

it('a message of a client is sent though it was cut', async () => {
  const sent: unknown[] = [];
  const client = new LLMClient({
    provider: openai(),
    model: 'm',
    retry: false,
    fetch: (_, { body }) => {
      sent.push(JSON.parse(body as string));
      return Promise.resolve(new Response('', { status: 400 }));
    },
  });

  await failureOf(client.complete('weather: 🌧🌧'.slice(0, 10)));

  expect(stringsIn(sent)).toContain('weather: \ufffd');
});
