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
