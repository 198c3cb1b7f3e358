import type { Store } from '@rivulet/core';
import { useStore } from '@rivulet/react';
import { act, renderHook, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { expect, test } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';

failOnConsoleErrors();

function counter(start = 0): Store<number> & { add(): void; readonly listeners: ReadonlySet<() => void> } {
  const listeners = new Set<() => void>();
  let count = start;
  return {
    listeners,
    getSnapshot: () => count,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add() {
      count++;
      for (const listener of listeners) listener();
    },
  };
}

test('follows a store for as long as it is mounted', () => {
  const store = counter();
  const { result, unmount } = renderHook(() => useStore(store), { wrapper: StrictMode });
  expect(result.current).toBe(0);
  act(() => store.add());
  expect(result.current).toBe(1);
  unmount();
  expect(store.listeners.size).toBe(0);
});

test('follows another store when it is given one', () => {
  const first = counter();
  const second = counter(10);
  const { result, rerender } = renderHook((store: Store<number>) => useStore(store), { initialProps: first });
  rerender(second);
  expect(result.current).toBe(10);
  expect(first.listeners.size).toBe(0);
  act(() => second.add());
  expect(result.current).toBe(11);
});

test('shows what changed between the render and the subscription', () => {
  const store = counter();
  const { result } = renderHook(() => {
    const count = useStore(store);
    if (store.listeners.size === 0 && count === 0) queueMicrotask(() => store.add());
    return count;
  });
  return waitFor(() => expect(result.current).toBe(1));
});

test('gives undefined without a store', () => {
  const store = counter();
  const { result, rerender } = renderHook((props: { store?: Store<number> }) => useStore(props.store), {
    initialProps: {},
  });
  expect(result.current).toBeUndefined();
  rerender({ store });
  expect(result.current).toBe(0);
});

test('shows a run, and leaves it alone', async () => {
  const { client, calls } = scriptedClient();
  const run = client.stream('hi');
  const { result, unmount } = renderHook(() => useStore(run));
  expect(result.current.status).toBe('submitted');
  calls[0]!.text('Hello');
  await waitFor(() => expect(result.current.text).toBe('Hello'));
  unmount();
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(false);
});
