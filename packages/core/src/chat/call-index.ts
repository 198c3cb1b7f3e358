import type { Part, ToolCallPart } from '../types/message.ts';
import { openCallsOf } from './open-calls.ts';

/** The calls among the parts of one answer. */
export interface CallIndex {
  /** The last call with an id. Ids are of one step: some servers begin again with each. */
  readonly byId: Map<string, ToolCallPart>;
  /** The first call with the id of an approval. */
  readonly byApproval: Map<string, ToolCallPart>;
  /** Those without a result, by id. */
  readonly open: Map<string, ToolCallPart>;
}

/** By the parts, which never change. */
const indices = new WeakMap<readonly Part[], CallIndex>();

/** @param before the call that it replaces. */
function addCall({ byId, byApproval }: CallIndex, call: ToolCallPart, before?: ToolCallPart): void {
  byId.set(call.id, call);
  if (!call.approval) return;
  const known = byApproval.get(call.approval.id);
  if (known === undefined || known === before) byApproval.set(call.approval.id, call);
}

export function callIndexOf(parts: readonly Part[]): CallIndex {
  const known = indices.get(parts);
  if (known) return known;
  const index: CallIndex = {
    byId: new Map(),
    byApproval: new Map(),
    open: new Map(openCallsOf(parts).map((call) => [call.id, call])),
  };
  for (const part of parts) if (part.type === 'tool-call') addCall(index, part);
  indices.set(parts, index);
  return index;
}

/** Changes to the calls of one answer. */
export interface CallChanges {
  /** What a call is replaced by; chains are followed. */
  readonly calls: Map<Part, ToolCallPart>;
  /** Added at the end. */
  readonly results: (Part & { readonly type: 'tool-result' })[];
}

/** The parts after these changes. Their index is made from that of `parts`, so a result does not cost all parts. */
export function changeCalls(parts: readonly Part[], { calls, results }: CallChanges): readonly Part[] {
  const index = callIndexOf(parts);
  const kept = calls.size === 0 ? parts : parts.map((part) => lastOf(calls, part));
  const next = [...kept, ...results];
  for (const old of calls.keys()) {
    const call = lastOf(calls, old);
    if (call.type !== 'tool-call') continue;
    if (index.byId.get(call.id) === old) addCall(index, call, old);
    if (index.open.get(call.id) === old) index.open.set(call.id, call);
  }
  for (const { toolCallId } of results) index.open.delete(toolCallId);
  indices.delete(parts);
  indices.set(next, index);
  return next;
}

function lastOf(calls: CallChanges['calls'], part: Part): Part {
  let last = part;
  for (let next = calls.get(last); next; next = calls.get(last)) last = next;
  return last;
}
