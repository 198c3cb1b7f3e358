import { LLMClientProvider, useCompletion, useLLMClient, useStream } from '@rivulet/react';
import { renderHook } from '@testing-library/react';
import type { ReactElement, ReactNode } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scriptedClient } from '../support/scripted-client.ts';

const outer = scriptedClient().client;
const inner = scriptedClient().client;

function Providers({ children }: { children: ReactNode }): ReactElement {
  return (
    <LLMClientProvider client={outer}>
      <LLMClientProvider client={inner}>{children}</LLMClientProvider>
    </LLMClientProvider>
  );
}

test('the innermost provider gives the client', () => {
  expect(renderHook(() => useLLMClient(), { wrapper: Providers }).result.current).toBe(inner);
});

test('a client that is passed in wins over the provider, and needs none', () => {
  expect(renderHook(() => useLLMClient(outer), { wrapper: Providers }).result.current).toBe(outer);
  expect(renderHook(() => useLLMClient(outer)).result.current).toBe(outer);
});

test.each<[name: string, hook: () => unknown]>([
  ['useLLMClient', () => useLLMClient()],
  ['useCompletion', () => useCompletion()],
])('without any client %s says what to do', (_name, hook) => {
  // React reports what a component throws.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(() => renderHook(hook)).toThrow(/<LLMClientProvider client=\{client\}>.*\{ client \}/);
});

test('useStream needs no client', () => {
  expect(renderHook(() => useStream()).result.current.status).toBe('ready');
});
