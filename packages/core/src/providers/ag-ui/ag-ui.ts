import type { Usage } from '../../types/completion.ts';
import { LLMError } from '../../errors/error.ts';
import type { StreamEvent } from '../../types/event.ts';
import { ErrorFrame, readError } from '../../transport/error-frame.ts';
import { isErrorBody } from '../../transport/in-band-error.ts';
import type { MessageInput } from '../../types/message.ts';
import {
  count,
  filledText,
  identifier,
  list,
  listOrThrow,
  record,
  recordOrThrow,
  records,
  text,
  textOrThrow,
  UnexpectedValueError,
} from '../../utils/read-value.ts';
import type { Frame } from '../../transport/frame.ts';
import { sentMessages, toRunInput } from './input.ts';
import { createAgentParts, type AgentParts, type SentMessages } from './parts.ts';
import { createSubagents } from './subagents.ts';
import type { EventType, RetiredEventType, WireEvent, WireMessage } from './wire.ts';
import { createPatchedDocument } from './json-patch.ts';
import { ownBackend, type OwnBackendOptions, type ThreadId } from '../shared/backend-endpoint.ts';
import type { Decoder, HttpProvider } from '../provider.ts';
import { createUnansweredCalls } from '../shared/tool-history.ts';

export type { SubagentData } from './subagents.ts';

/** @default name `agui` */
export interface AGUIOptions extends OwnBackendOptions {
  /** Address of the agent. */
  readonly api: string;
  /**
   * Id of the conversation: the `threadId` of the body. `providerOptions: { agui: { threadId } }` sets it for a request.
   * @default The id of the first message, which stays the same while a conversation grows, or else a new one.
   */
  readonly threadId?: ThreadId | undefined;
}

/**
 * A backend that speaks AG-UI, version 1.0 and those before it, over server-sent events.
 * https://docs.ag-ui.com/spec/1.0
 *
 * Each request is a POST of a `RunAgentInput`. `state` is the state of the last answer among the messages, or `{}`;
 * `resume` contains the decisions on the approvals that the last message asks for; `forwardedProps` contains the other
 * fields of the request (`model`, `temperature`, …). `body` and `providerOptions.agui` are merged last:
 * `{ state, context, resume, … }`.
 *
 * The answer ends with `RUN_FINISHED`. The metadata of the message has `threadId` and `runId`, the `result` if there is
 * one, the `interrupts` of a run that waits for a person, and the `pendingToolCallIds` that the backend named. A run with
 * interrupts has the finish reason `pause`; an interrupt about a call asks for the approval of the call. A `RUN_ERROR`
 * becomes an error by its code, or a `ServerError` if the code is unknown; its `usage` is in `partial` of the error.
 *
 * - **State** is a data part named `state`, which changes replace as a whole; values that a delta did not change keep
 *   their identity. Deltas of wide lists and objects are emitted several at a time, because each emission costs a copy. Activities are data parts named by their type, custom events by their name. `RAW` and
 *   `MESSAGES_SNAPSHOT` are transient data events, named `raw` and `messages`, which the message does not contain.
 * - **Snapshots of the messages** add to the answer what has not streamed: the rest of a text, further messages,
 *   reasoning, calls, results and activities. Messages are matched by id, calls by the id of the call; a message whose id
 *   is unknown is also matched by its text. Messages up to the last user message, and those that the request sent, belong
 *   to earlier turns. Streamed text and results stay as they are if a snapshot contradicts them.
 * - **Subagents** are not part of the answer's text, reasoning or tool calls. Each subagent run is one data part named
 *   `subagent`, with the id of the run and {@link SubagentData}: its status and its own parts. A call of a subagent
 *   becomes a call of the message as well if an interrupt or `pendingToolCallIds` names it, so that the page can answer it.
 * @throws {LLMError} with code `config` when the key would be exposed or `api` is no address.
 */
export function agui(options: AGUIOptions): HttpProvider {
  const { name = 'agui', api } = options;
  const post = ownBackend(name, api, options);
  /** The input of runs that have not begun, by run id: a delta of the state may come without a snapshot. */
  const inputs = new Map<unknown, RunInput>();
  return {
    name,
    supports: { tools: true, json: 'backend', wholeAnswers: true },
    framing: 'sse',
    request(request, context) {
      const body = toRunInput(request, name, options.threadId);
      const { runId, threadId, state, messages } = body;
      inputs.set(runId, { threadId, state, sent: sentMessages(messages) });
      // Some runs never begin.
      if (inputs.size > MAX_INPUTS) inputs.delete(inputs.keys().next().value);
      return post(body, request, context);
    },
    decoder: (request) => createDecoder(name, inputs, request?.messages),
    error: (status, headers, body) => readError(name, body, status, headers),
  };
}

const MAX_INPUTS = 100;

interface RunInput {
  readonly threadId: unknown;
  readonly state: unknown;
  readonly sent: SentMessages;
}

function createDecoder(
  provider: string,
  inputs: Map<unknown, RunInput>,
  history: readonly MessageInput[] | undefined,
): Decoder {
  const earlierCall = createUnansweredCalls(history);
  const answer = createAgentParts(provider, earlierCall);
  const subagents = createSubagents(answer, () => createAgentParts(provider, earlierCall));
  let sent = sentMessages(undefined);
  let state = createPatchedDocument(undefined);
  let stateIndex: number | undefined;
  /** The run of the answer, and the runs within it that have not finished. */
  let answerRun: string | undefined;
  const innerRuns = new Set<string>();
  let isFinished = false;
  /** An error that waits until the events before it are emitted. */
  let failure: LLMError | ErrorFrame | undefined;

  /** Gives an event to the agent, or the subagent, that it belongs to. */
  function build(event: WireEvent, add: (parts: AgentParts) => StreamEvent[]): StreamEvent[] {
    const runId = subagents.ownerOf(event);
    if (runId !== undefined) return subagents.add(runId, event, add);
    subagents.own(event);
    return add(answer);
  }

  function showState(data: unknown): StreamEvent[] {
    stateIndex ??= answer.nextIndex();
    return [{ type: 'data', index: stateIndex, name: 'state', id: 'state', data }];
  }

  function changeState(operations: unknown): StreamEvent[] {
    if (operations === undefined || operations === null) return [];
    stateIndex ??= answer.nextIndex();
    state.apply(operations, 'delta');
    return state.isDue ? showState(state.share()) : [];
  }

  /** Emits the documents that have changed since they were emitted. */
  function flush(): StreamEvent[] {
    return [...(state.isChanged ? showState(state.share()) : []), ...answer.flush()];
  }

  /** Whether a run begins within the run of the answer, whose end is not that of the answer. */
  function isInner({ runId, parentRunId }: WireEvent): boolean {
    const id = identifier(runId);
    const parent = identifier(parentRunId);
    if (id === undefined || parent === undefined || id === answerRun) return false;
    return parent === answerRun || innerRuns.has(parent);
  }

  function start(event: WireEvent): StreamEvent[] {
    const { runId, threadId, input } = event;
    if (isInner(event)) {
      innerRuns.add(identifier(runId) ?? '');
      return [];
    }
    const echo: { readonly state?: unknown; readonly messages?: unknown } | undefined = record(input);
    // Some backends have run ids of their own: then the input is the last one of the thread.
    const ownId = inputs.has(runId)
      ? runId
      : [...inputs].findLast(([, pending]) => pending.threadId === threadId && threadId !== undefined)?.[0];
    const known = inputs.get(ownId);
    inputs.delete(ownId);
    const begun = known ?? (echo && { state: echo.state, sent: sentMessages(echo.messages) });
    if (begun) {
      state = createPatchedDocument(begun.state);
      ({ sent } = begun);
    }
    const id = identifier(runId);
    answerRun ??= id;
    return [
      { type: 'start', id },
      { type: 'metadata', metadata: { threadId: identifier(threadId), runId: id } },
    ];
  }

  /** The messages of a snapshot that are not of earlier turns. */
  function ofThisTurn(messages: readonly WireMessage[]): readonly WireMessage[] {
    const asked = messages.findLastIndex(({ id }) => id !== undefined && id === sent.lastUserId);
    if (asked >= 0) return messages.slice(asked + 1);
    // Backends may have their own ids for the messages of a request.
    const lastUser = messages.findLastIndex(
      (message) => message.role === 'user' && subagents.ownerOfMessage(message) === undefined,
    );
    return messages.slice(lastUser + 1);
  }

  function messagesIn(event: WireEvent): WireMessage[] {
    return listOrThrow(event.messages, 'messages').flatMap((value) => {
      const message: WireMessage | undefined = recordOrThrow(value, 'messages[]');
      return message ? [message] : [];
    });
  }

  function mergeSnapshot(event: WireEvent): StreamEvent[] {
    const own: WireMessage[] = [];
    const others = new Map<string, WireMessage[]>();
    for (const message of ofThisTurn(messagesIn(event))) {
      const runId = subagents.ownerOfMessage(message);
      if (runId === undefined) own.push(message);
      else if (others.has(runId)) others.get(runId)?.push(message);
      else others.set(runId, [message]);
    }
    return [
      { type: 'data', name: 'messages', data: event.messages, transient: true },
      ...answer.merge(own, sent),
      ...[...others].flatMap(([runId, messages]) => subagents.merge(runId, messages, sent)),
    ];
  }

  function fail(error: LLMError | ErrorFrame, { usage }: WireEvent): StreamEvent[] {
    const events = [...flush(), ...subagents.end('failed'), ...usageIn(usage)];
    if (events.length === 0) throw error;
    failure = error;
    return events;
  }

  function askAbout(interrupt: Interrupt): StreamEvent[] {
    const approvalId = identifier(interrupt.id);
    const callId = identifier(interrupt.toolCallId);
    const events = subagents.adopt(callId);
    const call = answer.callPart(callId);
    if (approvalId === undefined || !call) return events;
    const { type: _, providerMetadata: __, ...toolCall } = { ...call.part, approval: { id: approvalId } };
    const { index } = call;
    return [...events, { type: 'tool-approval-request', index, approvalId, toolCallId: toolCall.id, toolCall }];
  }

  function finish(event: WireEvent): StreamEvent[] {
    if (innerRuns.delete(identifier(event.runId) ?? '')) return flush();
    const outcome: Outcome | undefined = recordOrThrow(event.outcome, 'outcome');
    const type = text(outcome?.type);
    if (type === 'cancelled') {
      const message = `${provider}: the backend cancelled the run`;
      // The backend stopped on purpose, so the request is not retried.
      return fail(new LLMError(message, { code: 'server', status: 500, provider, isRetryable: false }), event);
    }
    const interrupts = records(listOrThrow(outcome?.interrupts, 'outcome.interrupts'));
    const pending = list(outcome?.pendingToolCallIds ?? event.pendingToolCallIds).flatMap((id) => identifier(id) ?? []);
    const isPaused = type === 'interrupt' || interrupts.length > 0;
    const isOpen = (): boolean =>
      pending.length > 0 ? pending.some((id) => !answer.hasResult(id)) : answer.hasOpenCalls();
    const metadata = {
      ...(interrupts.length > 0 && { interrupts }),
      ...(pending.length > 0 && { pendingToolCallIds: pending }),
      ...(event.result != null && { result: event.result }),
    };
    const events = [
      ...flush(),
      ...answer.completeCalls(),
      ...subagents.end(isPaused ? 'suspended' : 'finished'),
      ...interrupts.flatMap(askAbout),
      ...pending.flatMap((id) => subagents.adopt(id)),
    ];
    if (Object.keys(metadata).length > 0) events.push({ type: 'metadata', metadata });
    isFinished = true;
    const reason = isPaused ? 'pause' : isOpen() ? 'tool-calls' : 'stop';
    return [...events, ...usageIn(event.usage), { type: 'finish', reason, raw: type || undefined }];
  }

  function decode(event: WireEvent): StreamEvent[] {
    const kind = (textOrThrow(event.type, 'type') ?? '') as EventType | RetiredEventType;
    switch (kind) {
      case 'RUN_STARTED':
        return start(event);
      case 'RUN_FINISHED':
        return finish(event);
      case 'RUN_ERROR':
        return fail(new ErrorFrame(provider, event), event);
      case 'STEP_STARTED':
        return subagents.ownerOf(event) === undefined ? [{ type: 'step' }] : [];
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_CHUNK':
        return build(event, (parts) => parts.text('text', event));
      case 'TEXT_MESSAGE_END':
        return build(event, (parts) => parts.endText('text', event));
      case 'THINKING_TEXT_MESSAGE_START':
        return build(event, (parts) => {
          parts.startWithoutId('reasoning');
          return [];
        });
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_CHUNK':
      case 'THINKING_TEXT_MESSAGE_CONTENT':
        return build(event, (parts) => parts.text('reasoning', event));
      case 'REASONING_MESSAGE_END':
      case 'THINKING_TEXT_MESSAGE_END':
        return build(event, (parts) => parts.endText('reasoning', event));
      case 'REASONING_ENCRYPTED_VALUE':
        return build(event, (parts) => parts.encrypted(event));
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_ARGS':
      case 'TOOL_CALL_CHUNK':
        return build(event, (parts) => parts.call(event));
      case 'TOOL_CALL_END':
        return build(event, (parts) => parts.endCall(event));
      case 'TOOL_CALL_RESULT':
        return build(event, (parts) => parts.result(event));
      case 'ACTIVITY_SNAPSHOT':
      case 'ACTIVITY_DELTA':
        return build(event, (parts) => parts.activity(event));
      // State and custom events belong to the run, also if a subagent sends them.
      case 'STATE_SNAPSHOT':
        state = createPatchedDocument(event.snapshot);
        return showState(event.snapshot);
      case 'STATE_DELTA':
        return changeState(event.delta);
      case 'CUSTOM':
        return [
          { type: 'data', index: answer.nextIndex(), name: filledText(event.name) ?? 'custom', data: event.value },
        ];
      case 'RAW':
        return [{ type: 'data', name: 'raw', data: event.event, transient: true }];
      case 'MESSAGES_SNAPSHOT':
        return mergeSnapshot(event);
      case 'SUBAGENT_STARTED':
        return subagents.start(event);
      case 'SUBAGENT_FINISHED':
        return subagents.finish(event);
      case 'SUBAGENT_ERROR':
        return subagents.fail(event);
      // They only bracket other events.
      case 'STEP_FINISHED':
      case 'REASONING_START':
      case 'REASONING_END':
      case 'THINKING_START':
      case 'THINKING_END':
        return [];
      default:
        // Later versions add events, and older clients have to ignore them.
        kind satisfies never;
        return [];
    }
  }

  function throwFailure(): void {
    if (failure) throw failure;
  }

  const decoder = {
    done: false,
    push({ data }: Frame): StreamEvent[] {
      throwFailure();
      const value: unknown = JSON.parse(data);
      const event: WireEvent | undefined = record(value);
      if (event?.error || isErrorBody(value, !!event?.type)) throw new ErrorFrame(provider, value);
      if (!event) throw new UnexpectedValueError('the event', 'an object', value);
      subagents.receive(data.length);
      const events = decode(event);
      decoder.done = isFinished;
      return events;
    },
    end(): StreamEvent[] {
      throwFailure();
      return flush();
    },
  };
  return decoder;
}

interface Outcome {
  readonly type?: unknown;
  readonly interrupts?: unknown;
  readonly pendingToolCallIds?: unknown;
}

interface Interrupt {
  readonly id?: unknown;
  readonly toolCallId?: unknown;
}

/** A run may use several models. A count that none of them has is absent. */
function usageIn(value: unknown): StreamEvent[] {
  const raw = records(Array.isArray(value) ? value : [value]);
  if (raw.length === 0) return [];
  const sum = (name: string): number | undefined => {
    const counts = raw.flatMap((counted) => count(counted[name]) ?? []);
    return counts.length > 0 ? count(counts.reduce((total, one) => total + one)) : undefined;
  };
  const usage: Usage = {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    totalTokens: sum('totalTokens'),
    cachedInputTokens: sum('cachedInputTokens'),
    cacheWriteTokens: sum('cacheWriteInputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    raw,
  };
  return [{ type: 'usage', usage }];
}
