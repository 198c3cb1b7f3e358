import type { StreamEvent } from '../../types/event.ts';
import type { Part } from '../../types/message.ts';
import type { AgentParts, SentMessages } from './parts.ts';
import { filledText, identifier, record, records, text } from '../../utils/read-value.ts';
import type { WireEvent, WireMessage } from './wire.ts';

/**
 * The `data` of the data part named `subagent`: one run of a subagent. https://docs.ag-ui.com/spec/1.0/events/subagents
 * @example
 * const subagents = message.parts.filter((part) => part.type === 'data' && part.name === 'subagent');
 */
export interface SubagentData {
  /** Also the `id` of the data part. */
  readonly subagentRunId: string;
  /** Absent until the backend names it. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** The subagent run that started this one; absent if the agent itself did. */
  readonly parentSubagentRunId?: string | undefined;
  /** The call of the message that started it. */
  readonly parentToolCallId?: string | undefined;
  /** `suspended` runs wait for a person and may continue in a later answer. */
  readonly status: SubagentStatus;
  /** Its text, reasoning, calls and results, in the form of a message's parts. */
  readonly parts: readonly Part[];
  readonly result?: unknown;
  /** Set if the status is `failed` and the backend said why. */
  readonly error?: { readonly message: string; readonly code?: string | undefined } | undefined;
}

export type SubagentStatus = 'running' | 'finished' | 'suspended' | 'failed';

interface Subagent {
  readonly index: number;
  readonly parts: AgentParts;
  data: Omit<SubagentData, 'parts'>;
  /** Characters received for it since its data part was emitted. */
  received: number;
  isStale: boolean;
}

export interface Subagents {
  /** Reports the size of the next event. */
  receive(size: number): void;
  /** The subagent run that an event belongs to; `undefined` for the agent itself. */
  ownerOf(event: WireEvent): string | undefined;
  /** Notes that an event is the agent's own. */
  own(event: WireEvent): void;
  ownerOfMessage(message: WireMessage): string | undefined;
  add(runId: string, event: WireEvent, build: (parts: AgentParts) => unknown): StreamEvent[];
  merge(runId: string, messages: readonly WireMessage[], sent: SentMessages): StreamEvent[];
  start(event: WireEvent): StreamEvent[];
  finish(event: WireEvent): StreamEvent[];
  fail(event: WireEvent): StreamEvent[];
  /** The run ended: no more events come for subagents that still run. */
  end(status: SubagentStatus): StreamEvent[];
  /** Makes the call of a subagent a call of the message as well. */
  adopt(callId: string | undefined): StreamEvent[];
}

/** Keeps the subagent runs of one answer apart from the answer. */
export function createSubagents(answer: AgentParts, createParts: () => AgentParts): Subagents {
  const subagents = new Map<string, Subagent>();
  /** The subagent runs that opened messages and calls: events that continue these may omit the id of the run. */
  const messageOwners = new Map<string, string | undefined>();
  const callOwners = new Map<string, string | undefined>();
  let size = 0;

  function subagentOf(runId: string): Subagent {
    let subagent = subagents.get(runId);
    if (!subagent) {
      const data = { subagentRunId: runId, status: 'running' as const };
      subagent = { index: answer.nextIndex(), parts: createParts(), data, received: 0, isStale: false };
      subagents.set(runId, subagent);
    }
    return subagent;
  }

  function emit(subagent: Subagent): StreamEvent[] {
    const { index, parts, data } = subagent;
    subagent.received = 0;
    subagent.isStale = false;
    return [
      {
        type: 'data',
        index,
        name: 'subagent',
        id: data.subagentRunId,
        data: { ...data, parts: [...parts.parts] } satisfies SubagentData,
      },
    ];
  }

  /** The first to use an id owns it: agents and their subagents may count their messages alike. */
  function own(runId: string | undefined, messageId: unknown, callId: unknown): void {
    const message = identifier(messageId);
    const call = identifier(callId);
    if (message !== undefined && !messageOwners.has(message)) messageOwners.set(message, runId);
    if (call !== undefined && !callOwners.has(call)) callOwners.set(call, runId);
  }

  /** Each emission copies the list of parts, so it waits until as much was received. */
  function changed(subagent: Subagent): StreamEvent[] {
    subagent.received += size;
    subagent.isStale = true;
    return subagent.received < subagent.parts.parts.length ? [] : emit(subagent);
  }

  function update(event: WireEvent, change: Partial<SubagentData>): StreamEvent[] {
    const runId = identifier(event.subagentRunId);
    if (runId === undefined) return [];
    const subagent = subagentOf(runId);
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    subagent.data = { ...subagent.data, ...Object.fromEntries(given) };
    return emit(subagent);
  }

  function ownerOf(event: WireEvent): string | undefined {
    return (
      identifier(event.subagentRunId) ??
      messageOwners.get(identifier(event.messageId) ?? '') ??
      callOwners.get(identifier(event.toolCallId) ?? '') ??
      messageOwners.get(identifier(event.parentMessageId) ?? '') ??
      messageOwners.get(identifier(event.entityId) ?? '') ??
      callOwners.get(identifier(event.entityId) ?? '')
    );
  }

  return {
    receive(length) {
      size = length;
    },
    ownerOf,
    own: ({ messageId, toolCallId }) => own(undefined, messageId, toolCallId),
    ownerOfMessage(message) {
      const [first] = records(message.toolCalls);
      return (
        identifier(message.subagentRunId) ??
        messageOwners.get(identifier(message.id) ?? '') ??
        callOwners.get(identifier(message.toolCallId ?? first?.['id']) ?? '')
      );
    },
    add(runId, event, build) {
      const subagent = subagentOf(runId);
      own(runId, event.messageId, event.toolCallId);
      build(subagent.parts);
      return changed(subagent);
    },
    merge(runId, messages, sent) {
      const subagent = subagentOf(runId);
      for (const { id, toolCalls } of messages) {
        own(runId, id, undefined);
        for (const call of records(toolCalls)) own(runId, undefined, call['id']);
      }
      subagent.parts.merge(messages, sent);
      return changed(subagent);
    },
    start(event) {
      return update(event, {
        name: filledText(event.name),
        description: filledText(event.description),
        parentSubagentRunId: identifier(event.parentSubagentRunId),
        parentToolCallId: identifier(event.parentToolCallId),
        status: 'running',
      });
    },
    finish(event) {
      const type = record(event.outcome)?.['type'];
      const subagent = subagents.get(identifier(event.subagentRunId) ?? '');
      subagent?.parts.completeCalls();
      subagent?.parts.flush();
      return update(event, { status: type === 'suspended' ? type : 'finished', result: event.result ?? undefined });
    },
    fail(event) {
      const error = { message: text(event.message) ?? '', code: identifier(event.code) };
      return update(event, { status: 'failed', error });
    },
    end(status) {
      return [...subagents.values()].flatMap((subagent) => {
        const isRunning = subagent.data.status === 'running';
        if (isRunning) {
          subagent.parts.completeCalls();
          subagent.parts.flush();
          subagent.data = { ...subagent.data, status };
        }
        return isRunning || subagent.isStale ? emit(subagent) : [];
      });
    },
    adopt(callId) {
      const runId = callOwners.get(callId ?? '');
      if (callId === undefined || runId === undefined || answer.callPart(callId)) return [];
      const call = subagents.get(runId)?.parts.callPart(callId);
      return call ? answer.adopt(call.part, runId) : [];
    },
  };
}
