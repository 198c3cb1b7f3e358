'use client';

import type { LLMClient } from '@rivulet/core';
import { useInsertionEffect, useState } from 'react';
import { createRunSlot, type RunSlot } from './run-slot.ts';

interface SharedSlot {
  readonly slot: RunSlot;
  /** Enters one mounted component. Gives the function that takes it out. */
  enter(): () => void;
}

const sharedSlots = new WeakMap<LLMClient, Map<string, SharedSlot>>();

/** The slot of all mounted components with this client and id, made for the first of them. */
function share(client: LLMClient, id: string, text: string | undefined): SharedSlot {
  const byId = sharedSlots.get(client) ?? new Map<string, SharedSlot>();
  sharedSlots.set(client, byId);
  const known = byId.get(id);
  if (known) return known;

  let users = 0;
  const shared: SharedSlot = {
    slot: createRunSlot(text),
    enter() {
      users++;
      // The last user may just have left, in the same commit.
      byId.set(id, shared);
      return () => {
        if (--users === 0) byId.delete(id);
      };
    },
  };
  byId.set(id, shared);
  return shared;
}

/**
 * A slot for this component alone or, with an `id`, for all components that name it.
 * @param text is shown before the first run.
 */
export function useSlot(client: LLMClient, id: string | undefined, text: string | undefined): RunSlot {
  const [own] = useState(() => createRunSlot(text));
  // On a server nothing is shared: nobody unmounts there, and one client may serve many visitors.
  const shared = id === undefined || typeof document === 'undefined' ? undefined : share(client, id, text);
  useInsertionEffect(() => shared?.enter(), [shared]);
  return shared ? shared.slot : own;
}
