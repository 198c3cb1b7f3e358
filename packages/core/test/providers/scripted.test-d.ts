import type { LocalProvider, Provider, ResolvedRequest, StreamEvent } from '@rivulet/core';
import { scripted, type ScriptedAnswer } from '@rivulet/core/scripted';
import { describe, expectTypeOf, it } from 'vitest';

describe('scripted', () => {
  it('is a provider that remembers what it was asked', () => {
    const provider = scripted('Hello');
    expectTypeOf(provider).toExtend<LocalProvider>();
    expectTypeOf(provider).toExtend<Provider>();
    expectTypeOf(provider.requests).toEqualTypeOf<readonly ResolvedRequest[]>();
  });

  it('takes every form of an answer, and a function for each', () => {
    scripted(['Hello ', 'world'], { delayMs: 10, tokensPerSecond: 40, name: 'gallery' });
    scripted({ text: 'Hello', toolCalls: [{ name: 'clock' }], sources: [{ url: 'https://example.com' }] });
    scripted([
      { type: 'text', delta: 'Hello' },
      { type: 'finish', reason: 'stop' },
    ]);
    scripted((request, { signal }) => {
      expectTypeOf(request).toEqualTypeOf<ResolvedRequest>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return 'Hello';
    });
    scripted(async (): Promise<ScriptedAnswer> => Promise.resolve({ error: new Error('No') }));
    scripted(async function* answer(): AsyncGenerator<string | StreamEvent> {
      yield 'Hello';
      yield { type: 'finish', reason: 'length' };
    });
  });

  it('takes no iterable that one request would use up', () => {
    async function* answer(): AsyncGenerator<string> {
      yield 'Hello';
    }
    // @ts-expect-error It has to be made anew for each request: `scripted(() => answer())`.
    scripted(answer());
  });

  it('takes no event that there is not', () => {
    // @ts-expect-error
    scripted([{ type: 'text-delta', delta: 'Hello' }]);
    // @ts-expect-error
    scripted({ text: 'Hello', finishReason: 'done' });
  });
});
