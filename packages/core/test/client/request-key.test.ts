import { LLMClient, observeRuns, requestKey, type GenerateRequest, type LLMConfig } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';

function keyOf(request: GenerateRequest, config: Partial<LLMConfig> = {}): string {
  return requestKey(new LLMClient({ provider: scripted(''), ...config }), request);
}

describe('the key of a request', () => {
  it('is short, however long the request', () => {
    expect(keyOf({ prompt: 'x'.repeat(100_000) })).toMatch(/^[\da-f]{32}$/);
  });

  it('does not depend on the order of fields, on what is undefined, or on who says it', () => {
    const key = keyOf({ prompt: 'hi', model: 'm', system: 's', providerOptions: { a: { x: 1, y: 2 } } });
    expect(keyOf({ providerOptions: { a: { y: 2, x: 1 } }, system: 's', model: 'm', prompt: 'hi' })).toBe(key);
    expect(
      keyOf({ prompt: 'hi', stop: undefined, providerOptions: { a: { x: 1, y: 2 } } }, { model: 'm', system: 's' }),
    ).toBe(key);
  });

  it('does not depend on how the call is made', () => {
    const fetch = (): Promise<Response> => Promise.reject(new Error('unused'));
    const how = { retry: false, timeout: { idleMs: 1 }, fetch, observe: observeRuns(() => undefined) } as const;
    expect(keyOf({ prompt: 'hi' }, how)).toBe(keyOf({ prompt: 'hi' }));
  });

  it('tells whatever else is asked apart', () => {
    const requests: GenerateRequest[] = [
      { prompt: 'hi' },
      { prompt: 'ho' },
      { prompt: 'hi', model: 'm' },
      { prompt: 'hi', temperature: 0 },
      { prompt: 'hi', temperature: null },
      {
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: 'ho' },
        ],
        prompt: 'hi',
      },
      {
        messages: [
          { role: 'assistant', content: 'ho' },
          { role: 'user', content: 'hi' },
        ],
        prompt: 'hi',
      },
    ];
    const keys = requests.map((request) => keyOf(request));
    expect(new Set([...keys, keyOf({ prompt: 'hi' }, { provider: scripted('', { name: 'other' }) })]).size).toBe(8);
  });
});

describe('a request that a key cannot represent', () => {
  const cycle: Record<string, unknown> = {};
  cycle['list'] = [{ cycle }];
  class Query {
    readonly #text = 'secret';
    get text(): string {
      return this.#text;
    }
  }
  const proxy = Proxy.revocable({}, {});
  proxy.revoke();
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level += 1) deep = [deep];

  it.each<[string, unknown, string]>([
    ['a BigInt', 10n, 'is a BigInt'],
    ['a function', () => 1, 'is a function'],
    ['a symbol', Symbol('a'), 'is a symbol'],
    ['a cycle', cycle, '.list[0].cycle refers to an object that contains it'],
    ['a Map', new Map([['a', 1]]), 'is of type Map'],
    ['a Set', new Set([1]), 'is of type Set'],
    ['an instance of a class', new Query(), 'is of type Query'],
    ['bytes', new Uint8Array([1]), 'is of type Uint8Array'],
    ['a revoked proxy', proxy.proxy, 'cannot be read'],
    ['a toJSON that throws', { toJSON: () => JSON.parse('{') as unknown }, 'cannot be read'],
    ['a toJSON that returns a BigInt', { toJSON: () => 1n }, 'is a BigInt'],
    ['a depth that JSON cannot write', deep, 'is nested more than 600 levels deep'],
  ])('has an error that names the field: %s', (_, value, problem) => {
    const requests: [GenerateRequest, string][] = [
      [{ prompt: 'hi', providerOptions: { openai: { user: value } } }, 'providerOptions.openai.user'],
      [{ messages: [{ role: 'user', content: 'hi', metadata: { x: [1, value] } }] }, 'messages[0].metadata.x[1]'],
    ];
    for (const [request, path] of requests) {
      expect(() => keyOf(request)).toThrow(
        expect.objectContaining({ name: 'ConfigError', code: 'config', message: expect.stringContaining(problem) }),
      );
      expect(() => keyOf(request)).toThrow(path);
    }
  });

  it('may have dates, addresses, objects twice, and errors of calls', () => {
    const shared = { at: new Date(0), url: new URL('https://a.example/') };
    const error = new Error('Not JSON');
    error.cause = error;
    const requestOf = (at: Date): GenerateRequest => ({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: 'c', name: 'n', rawInput: '{', error: Object.assign(error, { at }) as never },
          ],
          metadata: { a: shared, b: shared },
        },
      ],
    });

    expect(keyOf(requestOf(new Date(0)))).toBe(keyOf(requestOf(new Date(1))));
    expect(keyOf({ prompt: 'hi', providerOptions: { o: { at: new Date(0) } } })).toBe(
      keyOf({ prompt: 'hi', providerOptions: { o: { at: '1970-01-01T00:00:00.000Z' } } }),
    );
  });
});
