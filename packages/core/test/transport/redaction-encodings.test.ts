import { LLMClient, observeRuns, type HttpProvider, type RunEvent } from '@rivulet/core';
import { createChat, memoryChats, persistChat } from '@rivulet/core/chat';
import { gemini } from '@rivulet/core/gemini';
import { openai } from '@rivulet/core/openai';
import { array, assert, constantFrom, pre, property, string, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { createRedactor } from '../../src/transport/redact.ts';
import { failureOf, readAll } from '../support/client.ts';
import { everythingIn } from '../support/everything-in.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

const key = 'sk+test/0123456789abcdef=ghij&klmn';
const PLAIN = '0123456789abcdef';

const escaped = (text: string, form: (code: number) => string): string =>
  Array.from(text, (each) => form(each.codePointAt(0) ?? 0)).join('');
const special = (text: string, form: (code: number) => string): string =>
  text.replace(/[^\w]/g, (each) => form(each.codePointAt(0) ?? 0));
const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');
const base64 = (text: string): string => btoa(text).replace(/=+$/, '').slice(0, -1);

/** Each as it stands within a JSON string. */
const encodings: Readonly<Record<string, string>> = {
  plain: key,
  'JSON with escaped slashes': key.replaceAll('/', String.raw`\/`),
  'JSON with escaped punctuation': special(key, (code) => String.raw`\u${hex(code, 4)}`),
  'JSON with upper-case escapes': special(key, (code) => String.raw`\u${hex(code, 4).toUpperCase()}`),
  'JSON with each character escaped': escaped(key, (code) => String.raw`\u${hex(code, 4)}`),
  'JSON within JSON': special(key, (code) => String.raw`\\u${hex(code, 4)}`),
  'JSON with slashes within JSON': key.replaceAll('/', String.raw`\\\/`),
  percent: encodeURIComponent(key),
  'lower-case percent': encodeURIComponent(key).toLowerCase(),
  'percent twice': encodeURIComponent(encodeURIComponent(key)),
  'decimal HTML': special(key, (code) => `&#${code};`),
  'hexadecimal HTML': special(key, (code) => `&#x${hex(code, 2)};`),
  'named HTML': key.replace('+', '&plus;').replace('/', '&sol;').replace('=', '&equals;').replace('&k', '&amp;k'),
  base64: btoa(key),
  'base64 of the header': btoa(`Bearer ${key}`),
  'base64 for URLs': btoa(key).replaceAll('+', '-').replaceAll('/', '_'),
};

const leaks = [
  key,
  PLAIN,
  base64(key),
  base64(`Bearer ${key}`).slice(12),
  encodings['JSON with each character escaped'] ?? '',
];

function expectNoLeak(text: string): void {
  expect(leaks.filter((leak) => text.includes(leak))).toEqual([]);
}

const data = (json: string): string => `data: ${json}\n\n`;
const END = `${data('{"choices":[{"delta":{},"finish_reason":"stop"}]}')}data: [DONE]\n\n`;

/** Answers that echo `x` in a field of the wire. */
const answers: Readonly<Record<string, (x: string) => string>> = {
  text: (x) => data(`{"choices":[{"delta":{"content":"Your key: ${x}"}}]}`) + END,
  reasoning: (x) => data(`{"choices":[{"delta":{"reasoning_content":"Key ${x}","content":"Hi"}}]}`) + END,
  'arguments of a tool': (x) =>
    data(
      `{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c${x}","function":{"name":"look","arguments":"{\\"q\\":\\"${x}\\",\\"${x}\\":1}"}}]}}]}`,
    ) + END,
  'ids and the model': (x) => data(`{"id":"id-${x}","model":"${x}","choices":[{"delta":{"content":"Hi"}}]}`) + END,
  'the counts': (x) =>
    data('{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}') +
    data(`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"note":{"${x}":["${x}"]}}}`) +
    'data: [DONE]\n\n',
  'a source': (x) =>
    data(
      `{"choices":[{"delta":{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/?k=${x}","title":"${x}"}}]}}]}`,
    ) + END,
  'the finish reason': (x) =>
    `${data(`{"choices":[{"delta":{"content":"Hi"},"finish_reason":"${x}"}]}`)}data: [DONE]\n\n`,
};

const failures: Readonly<Record<string, (x: string) => Answer>> = {
  'a JSON body': (x) => ({ status: 400, chunks: [{ text: `{"error":{"message":"Bad key ${x}","code":"${x}"}}` }] }),
  'an HTML body': (x) => ({ status: 500, chunks: [{ text: `<p title="${x}">Bearer ${x}</p>` }] }),
  'a page with status 200': (x) => ({ chunks: [{ text: `<html>${x}</html>` }] }),
  'an error frame': (x) => ({ chunks: [{ text: data(`{"error":{"message":"Bad key ${x}","type":"t${x}"}}`) }] }),
  'an error frame after text': (x) => ({
    chunks: [
      { text: data(`{"choices":[{"delta":{"content":"${x}"}}]}`) },
      { text: data(`{"error":{"message":"Bad key ${x}"}}`) },
    ],
  }),
  'a broken frame': (x) => ({
    chunks: [{ text: `${data('{"choices":[{"delta":{"content":"Hi"}}]}')}${data(`{"x": ${x}`)}${END}` }],
  }),
  'the request id': (x) => ({ status: 500, headers: { 'x-request-id': `req ${x}` }, chunks: [{ text: '{}' }] }),
};

const providers: Readonly<Record<string, (baseURL: string) => HttpProvider>> = {
  apiKey: (baseURL) => openai({ baseURL, apiKey: key }),
  'an apiKey function': (baseURL) => openai({ baseURL, apiKey: () => Promise.resolve(key) }),
  'an authorization header': (baseURL) => openai({ baseURL, headers: { authorization: `Bearer ${key}` } }),
  'an x-api-key header': (baseURL) => openai({ baseURL, headers: () => ({ 'X-Api-Key': key }) }),
  'an api-key header': (baseURL) => openai({ baseURL, headers: [['api-key', key]] }),
  'a cookie': (baseURL) => openai({ baseURL, headers: { cookie: `theme=dark; session=${key}` } }),
  'a basic authorization': (baseURL) => openai({ baseURL, headers: { authorization: `Basic ${btoa(`user:${key}`)}` } }),
  'the body': (baseURL) => openai({ baseURL, body: { extra: { api_key: key } } }),
  'a body function': (baseURL) => openai({ baseURL, body: (body) => ({ ...body, access_token: key }) }),
  'the address': (baseURL) => openai({ baseURL: `${baseURL}?key=${encodeURIComponent(key)}` }),
};

/** All that an application may see of a run. */
async function everythingSeen(client: (observe: ReturnType<typeof observeRuns>) => LLMClient): Promise<string> {
  const observed: RunEvent[] = [];
  const run = client(observeRuns((event) => observed.push(event), { content: true })).stream('hello');
  const texts = readAll(run.textStream);
  const { items, error } = await readAll(run);
  const seen = [run.getSnapshot(), items, (await texts).items, (await texts).items.join(''), observed];
  const errors = [
    error,
    run.getSnapshot().error,
    ...observed.map((event) => ('error' in event ? event.error : undefined)),
  ];
  return (
    JSON.stringify(seen) + errors.map((each) => (each instanceof Error ? everythingIn(each) + each.stack : '')).join('')
  );
}

describe.each(Object.entries(encodings))('a key that a server echoes as %s', (_, encoded) => {
  it.each(Object.entries(answers))('is redacted from %s', async (_name, answer) => {
    await using server = await startHttpServer({ chunks: [{ text: answer(encoded) }] });

    const seen = await everythingSeen(
      (observe) =>
        new LLMClient({ provider: openai({ baseURL: server.url, apiKey: key }), model: 'm', retry: false, observe }),
    );

    expect(seen).toContain('[redacted]');
    expectNoLeak(seen);
  });

  it.each(Object.entries(failures))('is redacted from the error for %s', async (name, failure) => {
    if (name === 'the request id' && /[\\]/.test(encoded)) return;
    await using server = await startHttpServer(failure(encoded));

    const seen = await everythingSeen(
      (observe) =>
        new LLMClient({ provider: openai({ baseURL: server.url, apiKey: key }), model: 'm', retry: false, observe }),
    );

    expect(seen).toContain('[redacted]');
    expectNoLeak(seen);
  });

  it('is redacted from a kept chat', async () => {
    await using server = await startHttpServer({ chunks: [{ text: answers['text']!(encoded) }] });
    const storage = memoryChats();
    const client = new LLMClient({ provider: openai({ baseURL: server.url, apiKey: key }), model: 'm' });
    const chat = createChat({ client, id: 'c', persistence: persistChat(storage) });
    await chat.sendMessage('hello');
    await expect.poll(async () => JSON.stringify(await storage.load('c'))).toContain('[redacted]');

    expectNoLeak(JSON.stringify(await storage.load('c')));
  });
});

describe.each(Object.entries(providers))('a key in %s', (_, provider) => {
  it.each(['plain', 'JSON with each character escaped', 'percent', 'named HTML', 'base64'])(
    'is redacted from answers and errors: %s',
    async (name) => {
      const encoded = encodings[name] ?? '';
      for (const answer of [{ chunks: [{ text: answers['text']!(encoded) }] }, failures['a JSON body']!(encoded)]) {
        await using server = await startHttpServer(answer);
        const seen = await everythingSeen(
          (observe) => new LLMClient({ provider: provider(server.url), model: 'm', retry: false, observe }),
        );

        expect(seen).toContain('[redacted]');
        expectNoLeak(seen);
      }
    },
  );

  it('is redacted from an error of fetch, with its causes', async () => {
    const cause = Object.assign(new Error(`connect with ${key}`), { config: { headers: { 'x-api-key': key } } });
    const fetch = (): Promise<Response> => Promise.reject(new TypeError(`failed: ${key}`, { cause }));
    const error = await failureOf(
      new LLMClient({ provider: provider('https://a.example'), model: 'm', retry: false, fetch }).complete('hello'),
    );

    expect(error).toMatchObject({ code: 'network', cause: expect.any(TypeError) });
    expectNoLeak(everythingIn(error as Error) + String((error as Error).stack));
  });
});

it('redacts raw parts of Gemini', async () => {
  const text = data(
    `{"candidates":[{"content":{"parts":[{"executableCode":{"code":"${key}"}},{"text":"${key}"}]},"finishReason":"STOP"}]}`,
  );
  await using server = await startHttpServer({ chunks: [{ text }] });

  const seen = await everythingSeen(
    (observe) =>
      new LLMClient({ provider: gemini({ baseURL: server.url, apiKey: key }), model: 'm', retry: false, observe }),
  );

  expect(seen).toContain('[redacted]');
  expectNoLeak(seen);
});

describe('a redactor', () => {
  it('keeps values without a secret as they are', () => {
    const value = { a: ['b', { c: 'a text that is longer than the key itself, with %41 and \\u0041' }] };

    expect(createRedactor([key]).value(value)).toBe(value);
  });

  it.each(['test', 'redacted', ''])('ignores the placeholder %o', (secret) => {
    expect(createRedactor([secret]).text(`a test, redacted: ${secret} \\u0041`)).toBe(
      `a test, redacted: ${secret} \\u0041`,
    );
  });

  it.each(Object.entries(encodings))('keeps the text around a key: %s', (_, encoded) => {
    const base64End = String.raw`[\w+/=-]{0,4}`;

    expect(createRedactor([key]).text(`<p>Key ${encoded} & A ${encoded}, %41.</p>`)).toMatch(
      new RegExp(
        String.raw`^<p>Key [\w]{0,12}\[redacted\]${base64End} & A [\w]{0,12}\[redacted\]${base64End}, %41\.</p>$`,
      ),
    );
  });

  it('removes any secret in any mixture of escapes', () => {
    const unit = constantFrom(
      (code: number) => String.fromCodePoint(code),
      (code: number) => String.raw`\u${hex(code, 4)}`,
      (code: number) => `&#${code};`,
      (code: number) => `%${hex(code, 2)}`,
      (code: number) => `&amp;#x${hex(code, 2)};`,
      (code: number) => String.raw`\\\u${hex(code, 4)}`,
    );
    const secret = stringMatching(/^[\w+/=.:~-]{8,40}$/);
    assert(
      property(secret, array(unit, { minLength: 40, maxLength: 40 }), string(), (text, forms, around) => {
        pre(!'[redacted]'.includes(text));
        const encoded = Array.from(text, (each, at) => forms[at]!(each.codePointAt(0) ?? 0)).join('');
        // An escape that is cut in front of the secret is another text.
        const before = around.replace(/[\\%&#;\w]/g, ' ');

        expect(createRedactor([text]).text(`${before}${encoded}${around}`)).toBe(`${before}[redacted]${around}`);
      }),
    );
  });

  it.each(['\\', '\\u00', '%', '%2', '&', '&#', '&amp;', 'sk+test/', '\\u0073k+', '\\u0041'])(
    'costs linear time for repeated %s',
    async (piece) => {
      const redactor = createRedactor([key]);
      const growth = await growthOf((count) => {
        redactor.text(piece.repeat(count * 20));
        return Promise.resolve();
      }, 350);

      expect(growth).toBeLessThan(LINEAR);
    },
  );
});
