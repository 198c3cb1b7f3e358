'use client';

import type { LLMClient } from '@rivulet/core';
import { useState } from 'react';
import { createRunSlot, type RunSlot } from './run-slot.ts';

const sharedSlots = new WeakMap<LLMClient, Map<string, RunSlot>>();

/** The slot of all components with this client and id: made for the first of them, forgotten after the last. */
function share(client: LLMClient, id: string, text: string | undefined): RunSlot {
  const byId = sharedSlots.get(client) ?? new Map<string, RunSlot>();
  const slot = byId.get(id) ?? createRunSlot(text, () => byId.delete(id));
  sharedSlots.set(client, byId.set(id, slot));
  return slot;
}

/**
 * A slot for this component alone or, with an `id`, for all components that name it.
 * @param text is shown before the first run.
 */
export function useSlot(client: LLMClient, id: string | undefined, text: string | undefined): RunSlot {
  const [own] = useState(() => createRunSlot(text));
  // On a server nothing is shared: nobody unmounts there, and one client may serve many visitors.
  return id === undefined || typeof document === 'undefined' ? own : share(client, id, text);
}
