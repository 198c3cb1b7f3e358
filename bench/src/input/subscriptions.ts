import type { Store } from '@rivulet/core';
import { useStore } from '@rivulet/react';
import { startTransition, useEffect, useState } from 'react';

type Subscription = <S>(store: Store<S>) => S;

function withState(update: (set: () => void) => void): Subscription {
  return function useStateStore<S>(store: Store<S>): S {
    const [snapshot, setSnapshot] = useState(store.getSnapshot);
    useEffect(() => {
      const follow = (): void => update(() => setSnapshot(() => store.getSnapshot()));
      follow();
      return store.subscribe(follow);
    }, [store]);
    return snapshot;
  };
}

/** The ways for a component to follow a store. */
export const subscriptions = {
  useSyncExternalStore: useStore,
  'state + effect': withState((set) => set()),
  'state + effect in a transition': withState(startTransition),
} satisfies Record<string, Subscription>;

export type SubscriptionName = keyof typeof subscriptions;
