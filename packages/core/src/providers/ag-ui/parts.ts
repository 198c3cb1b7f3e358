import { newId } from '../../utils/id.ts';
import type { StreamEvent } from '../../types/event.ts';
import type { DataPart, Part, ProviderMetadata, ToolCallPart, ToolResultPart } from '../../types/message.ts';
import {
  filledText,
  identifier,
  list,
  listOrThrow,
  record,
  recordOrThrow,
  text as textIn,
  textOrThrow,
  UnexpectedValueError,
} from '../../utils/read-value.ts';
import { ownIn, type Own, type WireCall, type WireEvent, type WireFields, type WireMessage } from './wire.ts';
import { createGrowingFields, type GrowingFields } from '../shared/growing-fields.ts';
import { createPatchedDocument, type PatchedDocument } from './json-patch.ts';
import { completeToolCall } from '../shared/tool-call.ts';

type TextType = 'text' | 'reasoning';

/** Text that can arrive twice: in a snapshot of the messages and as deltas. */
interface Growing {
  readonly index: number;
  /** Text that a snapshot added and no delta has repeated yet. */
  ahead: string;
  /** How much of `ahead` the deltas have repeated, in UTF-16 code units. */
  repeated: number;
}

interface OpenText extends Growing {
  readonly type: TextType;
  /** Its key in the index of texts; `undefined` if it has changed since. */
  indexedAs: string | undefined;
}

/** The streamed messages that a snapshot does not have by id. */
interface Unmatched {
  /** The first that no message of the snapshot has matched yet. */
  next(type: TextType): OpenText | undefined;
  /** The one that has this text, or the beginning of it. */
  match(type: TextType, content: string): OpenText | undefined;
}

interface OpenCall extends Growing {
  isDone: boolean;
  /** An event began it: one from a snapshot may still be repeated by events. */
  isStarted: boolean;
  /** The index of its result. */
  resultIndex?: number | undefined;
  /** Another call had the same id before. */
  readonly isRepeated: boolean;
}

/** An activity: a document that patches change. */
interface Activity {
  readonly index: number;
  readonly id: string;
  name: string;
  document: PatchedDocument;
}

/** The messages of a request, which a snapshot repeats. */
export interface SentMessages {
  readonly lastUserId: string | undefined;
  readonly messageIds: ReadonlySet<string>;
  /** The calls since the last user message, and those of them with a result. Later turns may use the ids again. */
  readonly callIds: ReadonlySet<string>;
  readonly answeredCallIds: ReadonlySet<string>;
  /** The text and reasoning messages since the last user message: their kind and text, by id. */
  readonly steps: ReadonlyMap<string, string>;
}

/** Builds the parts of one agent, or of one subagent run, from its events and from snapshots of its messages. */
export interface AgentParts {
  /** The parts so far. They are replaced, not changed. */
  readonly parts: readonly Part[];
  text(type: TextType, event: WireEvent): StreamEvent[];
  endText(type: TextType, event: WireEvent): StreamEvent[];
  /** Begins another message of those without an id. */
  startWithoutId(type: TextType): void;
  call(event: WireEvent): StreamEvent[];
  endCall(event: WireEvent): StreamEvent[];
  result(event: WireEvent): StreamEvent[];
  encrypted(event: WireEvent): StreamEvent[];
  activity(event: WireEvent): StreamEvent[];
  /** Adds what the messages of a snapshot have beyond the events. */
  merge(messages: readonly WireMessage[], sent: SentMessages): StreamEvent[];
  /** The index for a part that is built elsewhere. */
  nextIndex(): number;
  /** Takes over a call of a subagent. */
  adopt(call: ToolCallPart, subagentRunId: string): StreamEvent[];
  callPart(id: string | undefined): { readonly index: number; readonly part: ToolCallPart } | undefined;
  /** Completes the calls whose end did not come. */
  completeCalls(): StreamEvent[];
  /** Emits the activities that have changed since they were emitted. */
  flush(): StreamEvent[];
  hasResult(callId: string): boolean;
  hasOpenCalls(): boolean;
}

/** @param earlierCall finds a call of an earlier answer that has no result. */
export function createAgentParts(provider: string, earlierCall: (id: string) => ToolCallPart | undefined): AgentParts {
  const parts: Part[] = [];
  const texts = new Map<string, OpenText>();
  /** All texts, in their order. */
  const allTexts: Record<TextType, OpenText[]> = { text: [], reasoning: [] };
  /** Texts by type and text, for snapshots whose ids differ. Those that have changed wait in `unindexed`. */
  const textsByContent = new Map<string, Set<OpenText>>();
  let unindexed: OpenText[] = [];
  const calls = new Map<string, OpenCall>();
  /** Where the result of a call is, by the id of the call. */
  const results = new Map<string, number>();
  /** Where a result is, by the id of its message. */
  const resultMessages = new Map<string, number>();
  const activities = new Map<string, Activity>();
  /** Metadata by the index of its part, once an event has added to it. */
  const growingMetadata = new Map<number, GrowingFields>();
  /** Streamed messages that are not an answer, such as those of the user. */
  const foreign = new Set<string>();
  /** Chunk events may omit the id: they continue the last one. */
  const lastIds = new Map<string, string>();
  let length = 0;

  function nextIndex(): number {
    length += 1;
    return length - 1;
  }

  function ownOf(index: number): Own | undefined {
    return ownIn(parts[index]?.providerMetadata?.[provider]);
  }

  function metadataOf(own: Own): ProviderMetadata {
    return { [provider]: own };
  }

  function idOf(kind: string, id: unknown): string {
    const known = identifier(id) ?? lastIds.get(kind) ?? '';
    lastIds.set(kind, known);
    return known;
  }

  /** The part of a delta that a snapshot has not added already. */
  function withoutRepeated(growing: Growing, delta: string): string {
    const rest = growing.ahead.slice(growing.repeated);
    if (rest === '') return delta;
    if (rest.startsWith(delta)) {
      growing.repeated += delta.length;
      return '';
    }
    const swallowed = growing.ahead.slice(0, growing.repeated);
    forgetAhead(growing);
    // Deltas that differ continue the text of the snapshot.
    return delta.startsWith(rest) ? delta.slice(rest.length) : swallowed + delta;
  }

  function forgetAhead(growing: Growing): void {
    growing.ahead = '';
    growing.repeated = 0;
  }

  /** The fields of an event for a part that there is already, if any is new and should be shown now. */
  function addedFields(event: WireFields, index: number): Own | undefined {
    const known = ownOf(index);
    const { metadata, ...fields } = ownFields(event, known) ?? {};
    if (metadata) {
      const growing = growingMetadata.get(index) ?? createGrowingFields(2, { metadata: known?.metadata ?? {} });
      growingMetadata.set(index, growing);
      growing.add({ metadata });
      if (growing.isDue) return { ...fields, ...growing.share() };
    }
    return Object.keys(fields).length > 0 ? fields : undefined;
  }

  /** Metadata of a part that was not shown yet. */
  function restOfMetadata(index: number): Own | undefined {
    const growing = growingMetadata.get(index);
    return growing?.isChanged ? growing.share() : undefined;
  }

  function flushMetadata(): StreamEvent[] {
    return [...growingMetadata.keys()].flatMap((index): StreamEvent[] => {
      const rest = restOfMetadata(index);
      const part = parts[index];
      if (!rest || !part) return [];
      const providerMetadata = metadataOf({ ...ownOf(index), ...rest });
      parts[index] = { ...part, providerMetadata };
      if (part.type === 'tool-call') return [{ type: 'tool-call-delta', index, delta: '', providerMetadata }];
      if (part.type !== 'text' && part.type !== 'reasoning') return [];
      return [{ type: part.type, index, delta: '', providerMetadata }];
    });
  }

  function addText(open: OpenText, delta: string, fields: Own | undefined): StreamEvent[] {
    const { type, index } = open;
    const known = parts[index] as { text: string } | undefined;
    if (known && !delta && !fields) return [];
    const providerMetadata = fields && metadataOf({ ...ownOf(index), ...fields });
    if (delta && open.indexedAs !== undefined) {
      textsByContent.get(open.indexedAs)?.delete(open);
      open.indexedAs = undefined;
      unindexed.push(open);
    }
    parts[index] = { ...known, type, text: (known?.text ?? '') + delta, ...(providerMetadata && { providerMetadata }) };
    return [{ type, index, delta, providerMetadata }];
  }

  /** The text of a message, which begins with its first content. */
  function openText(type: TextType, id: string): OpenText {
    const open: OpenText = { type, index: nextIndex(), ahead: '', repeated: 0, indexedAs: undefined };
    texts.set(`${type} ${id}`, open);
    allTexts[type].push(open);
    unindexed.push(open);
    return open;
  }

  function text(type: TextType, event: WireEvent): StreamEvent[] {
    const id = idOf(type, event.messageId);
    const key = `${type} ${id}`;
    const role = textIn(event.role);
    if (role !== undefined && role !== 'assistant' && role !== 'reasoning') foreign.add(key);
    if (foreign.has(key)) return [];
    const delta = textOrThrow(event.delta, 'delta') ?? '';
    let open = texts.get(key);
    const fields = open ? addedFields(event, open.index) : ownFields(event);
    if (open) return addText(open, withoutRepeated(open, delta), fields);
    if (!delta && !fields) return [];
    open = openText(type, id);
    return addText(open, delta, { messageId: id || undefined, ...fields });
  }

  function endText(type: TextType, event: WireEvent): StreamEvent[] {
    const events = text(type, event);
    const open = texts.get(`${type} ${idOf(type, event.messageId)}`);
    // The same id may be opened again: then its deltas are new text.
    if (open) forgetAhead(open);
    return events;
  }

  function startWithoutId(type: TextType): void {
    lastIds.delete(type);
    texts.delete(`${type} `);
  }

  function openCall(id: string, name: string, own: Own): StreamEvent[] {
    const index = nextIndex();
    const providerMetadata = metadataOf(own);
    const callId = id || newId();
    calls.set(id, { index, ahead: '', repeated: 0, isDone: false, isStarted: false, isRepeated: calls.has(id) });
    parts[index] = { type: 'tool-call', id: callId, name, rawInput: '', providerMetadata };
    return [{ type: 'tool-call-start', index, id: callId, name, providerMetadata }];
  }

  function addArguments(open: OpenCall, delta: string, fields?: Own): StreamEvent[] {
    if (!delta && !fields) return [];
    const { index } = open;
    const part = parts[index] as ToolCallPart;
    const providerMetadata = fields && metadataOf({ ...ownOf(index), ...fields });
    const kept = providerMetadata ?? part.providerMetadata;
    if (delta) {
      // A call may be opened again for more arguments.
      open.isDone = false;
      const { id, name, rawInput } = part;
      parts[index] = { type: 'tool-call', id, name, rawInput: rawInput + delta, providerMetadata: kept };
    } else {
      parts[index] = { ...part, providerMetadata: kept };
    }
    return [{ type: 'tool-call-delta', index, delta, providerMetadata }];
  }

  function call(event: WireEvent): StreamEvent[] {
    const id = idOf('call', event.toolCallId);
    const delta = textOrThrow(event.delta, 'delta') ?? '';
    const known = calls.get(id);
    // Backends may use the id of a call again once it has a result.
    const isStart = event.type === 'TOOL_CALL_START';
    const isNew = !known || (isStart && known.isStarted && known.isDone && known.resultIndex !== undefined);
    const events: StreamEvent[] = [];
    if (isNew) {
      const name = filledText(event.toolCallName);
      if (name === undefined) throw new UnexpectedValueError('toolCallName', 'the name of a tool', event.toolCallName);
      events.push(...openCall(id, name, { messageId: identifier(event.parentMessageId), ...ownFields(event) }));
    } else {
      events.push(...addArguments(known, '', addedFields(event, known.index)));
    }
    const open = calls.get(id);
    if (!open) return events;
    open.isStarted = true;
    events.push(...addArguments(open, withoutRepeated(open, delta)));
    return events;
  }

  function complete(open: OpenCall | undefined): StreamEvent[] {
    if (!open || open.isDone) return [];
    const { index } = open;
    const { id, name, rawInput, providerMetadata } = parts[index] as ToolCallPart;
    const toolCall = completeToolCall(id, name, rawInput);
    open.isDone = true;
    parts[index] = { type: 'tool-call', ...toolCall, providerMetadata };
    return [{ type: 'tool-call', index, toolCall }];
  }

  function endCall(event: WireEvent): StreamEvent[] {
    const open = calls.get(idOf('call', event.toolCallId));
    if (!open) return [];
    const fields = addedFields(event, open.index);
    forgetAhead(open);
    return [...addArguments(open, '', fields), ...complete(open)];
  }

  function addResult(id: string, part: Omit<ToolResultPart, 'type' | 'toolCallId' | 'name'>): StreamEvent[] {
    const open = calls.get(id);
    const index = (open ? open.resultIndex : results.get(id)) ?? nextIndex();
    const toolCall = open ? callAt(open) : earlierCall(id);
    const toolCallId = toolCall?.id ?? (id || newId());
    const added: ToolResultPart = { type: 'tool-result', toolCallId, name: toolCall?.name, ...part };
    const messageId = ownIn(part.providerMetadata?.[provider])?.messageId;
    if (open) open.resultIndex = index;
    if (id) results.set(id, index);
    if (messageId) resultMessages.set(messageId, index);
    parts[index] = added;
    return [...complete(open), { ...added, index }];
  }

  function callAt({ index }: OpenCall): ToolCallPart {
    return parts[index] as ToolCallPart;
  }

  function result(event: WireEvent): StreamEvent[] {
    const own = { messageId: identifier(event.messageId), ...ownFields(event) };
    const id = identifier(event.toolCallId) ?? '';
    return addResult(id, { output: event.content, providerMetadata: metadataOf(own) });
  }

  function encrypted(event: WireEvent): StreamEvent[] {
    const id = identifier(event.entityId) ?? '';
    const fields = encryptedFields(event);
    if (!fields) return [];
    const open = calls.get(id);
    if (open) return addArguments(open, '', fields);
    const spoken = texts.get(`text ${id}`) ?? texts.get(`reasoning ${id}`);
    if (spoken) return addText(spoken, '', fields);
    const index = resultMessages.get(id);
    if (index === undefined && event.subtype === 'tool-call') return [];
    if (index === undefined) return addText(openText('reasoning', id), '', { messageId: id || undefined, ...fields });
    const providerMetadata = metadataOf({ ...ownOf(index), ...fields });
    const part = { ...(parts[index] as ToolResultPart), providerMetadata };
    parts[index] = part;
    return [{ ...part, index }];
  }

  function setActivity(name: string, id: string, content: unknown): StreamEvent[] {
    const known = activities.get(id);
    const document = createPatchedDocument(content);
    const changed = { index: known?.index ?? nextIndex(), id, name, document };
    activities.set(id, changed);
    return showActivity(changed, content);
  }

  function showActivity({ index, id, name }: Activity, data: unknown): StreamEvent[] {
    const metadata = id ? { providerMetadata: metadataOf({ messageId: id }) } : {};
    const part: DataPart = { type: 'data', name, id: id || undefined, data, ...metadata };
    parts[index] = part;
    return [{ ...part, index }];
  }

  function activity(event: WireEvent): StreamEvent[] {
    const id = identifier(event.messageId) ?? '';
    const name = filledText(event.activityType) ?? 'activity';
    const known = activities.get(id);
    if (event.patch === undefined || event.patch === null)
      return event.replace === false && known ? [] : setActivity(name, id, event.content);
    const changed = known ?? { index: nextIndex(), id, name, document: createPatchedDocument(undefined) };
    changed.name = name;
    changed.document.apply(event.patch, 'patch');
    activities.set(id, changed);
    return changed.document.isDue ? showActivity(changed, changed.document.share()) : [];
  }

  function flush(): StreamEvent[] {
    const changedActivities = [...activities.values()].filter(({ document }) => document.isChanged);
    return [
      ...flushMetadata(),
      ...changedActivities.flatMap((changed) => showActivity(changed, changed.document.share())),
    ];
  }

  /** Adds the text of a message of a snapshot, or the rest of it. */
  function mergeText(
    type: TextType,
    id: string,
    content: string,
    message: WireMessage,
    match: OpenText | undefined,
  ): StreamEvent[] {
    const key = `${type} ${id}`;
    let open = match;
    const fields = open ? addedFields(message, open.index) : ownFields(message);
    if (foreign.has(key) || (!content && !fields)) return [];
    const isNew = !open;
    open ??= openText(type, id);
    texts.set(key, open);
    const told = isNew ? '' : toldBy(open);
    // Received text stands: readers have seen it, so a snapshot can only continue it.
    const added = content.length > told.length && content.startsWith(told) ? content.slice(told.length) : '';
    open.ahead += added;
    return addText(open, added, isNew ? { messageId: id || undefined, ...fields } : fields);
  }

  function mergeCall(id: string, called: WireCall, messageId: string): StreamEvent[] {
    const path = 'messages[].toolCalls[]';
    const fields: { readonly name?: unknown; readonly arguments?: unknown } | undefined = recordOrThrow(
      called.function,
      `${path}.function`,
    );
    const content = textOrThrow(fields?.arguments, `${path}.function.arguments`) ?? '';
    const events: StreamEvent[] = [];
    let open = calls.get(id);
    // Which of the calls with this id is meant is uncertain.
    if (open?.isRepeated) return [];
    if (!open) {
      const name = filledText(fields?.name);
      if (name === undefined)
        throw new UnexpectedValueError(`${path}.function.name`, 'the name of a tool', fields?.name);
      const { function: _, ...own } = called;
      events.push(...openCall(id, name, { messageId: messageId || undefined, ...ownFields(own) }));
      open = calls.get(id) as OpenCall;
    }
    const { rawInput } = callAt(open);
    const added =
      content.length > rawInput.length && content.startsWith(rawInput) ? content.slice(rawInput.length) : '';
    open.ahead += added;
    return [...events, ...addArguments(open, added)];
  }

  /** Brings the index of texts up to date, at the cost of the texts that have changed. */
  function indexTexts(): void {
    for (const open of unindexed) {
      const key = `${open.type} ${toldBy(open)}`;
      open.indexedAs = key;
      const same = textsByContent.get(key);
      if (same) same.add(open);
      else textsByContent.set(key, new Set([open]));
    }
    unindexed = [];
  }

  /** The texts that are not in a snapshot by id, by their content. Costs no more than the texts that are. */
  function unmatchedTexts(matched: ReadonlySet<OpenText>): Unmatched {
    const position: Record<TextType, number> = { text: 0, reasoning: 0 };
    indexTexts();

    function next(type: TextType): OpenText | undefined {
      const all = allTexts[type];
      let open = all[position[type]];
      while (open && matched.has(open)) {
        position[type] += 1;
        open = all[position[type]];
      }
      return open;
    }

    return {
      next,
      match(type, content) {
        for (const same of textsByContent.get(`${type} ${content}`) ?? []) if (!matched.has(same)) return same;
        // The snapshot may have more or less of the same text.
        const following = next(type);
        const told = following && toldBy(following);
        return told && (content.startsWith(told) || told.startsWith(content)) ? following : undefined;
      },
    };
  }

  function toldBy(open: OpenText): string {
    return (parts[open.index] as { text: string }).text;
  }

  function merge(messages: readonly WireMessage[], sent: SentMessages): StreamEvent[] {
    const ids = new Set(messages.map(({ id }) => id));
    /** The steps of the answer so far that the backend has under other ids. */
    const steps = new Set([...sent.steps].flatMap(([id, step]) => (ids.has(id) ? [] : [step])));
    const events: StreamEvent[] = [];
    let unmatched: Unmatched | undefined;
    const matched = new Set<OpenText>();
    for (const id of ids) {
      for (const type of ['text', 'reasoning'] as const) {
        const open = texts.get(`${type} ${identifier(id) ?? ''}`);
        if (open) matched.add(open);
      }
    }

    function mergeSpoken(type: TextType, message: WireMessage, id: string): StreamEvent[] {
      const content = contentTextOrThrow(message.content, 'messages[].content');
      const known = texts.get(`${type} ${id}`);
      if (!known && steps.delete(`${type} ${content}`)) return [];
      if (known && content.length <= toldBy(known).length) return mergeText(type, id, content, message, known);
      unmatched ??= unmatchedTexts(matched);
      // Many backends have other ids in a snapshot than in their events.
      const match = known ?? (content ? unmatched.match(type, content) : undefined);
      if (match) matched.add(match);
      const last = match && lastOf(match, content, unmatched);
      return mergeText(type, id, last?.content ?? content, message, last?.open);
    }

    /** Some backends join several messages in a snapshot: finds the last of them, and its part of the text. */
    function lastOf(first: OpenText, whole: string, { next }: Unmatched): { open: OpenText; content: string } {
      let open = first;
      let content = whole;
      while (content.startsWith(toldBy(open))) {
        const rest = content.slice(toldBy(open).length);
        const following = rest ? next(open.type) : undefined;
        if (!following || following.index < open.index || !rest.startsWith(toldBy(following))) break;
        matched.add(following);
        open = following;
        content = rest;
      }
      return { open, content };
    }

    const path = 'messages[]';
    for (const message of messages) {
      const id = identifier(message.id) ?? '';
      if (sent.messageIds.has(id)) continue;
      switch (textOrThrow(message.role, `${path}.role`)) {
        case 'assistant':
          events.push(...mergeSpoken('text', message, id));
          for (const value of listOrThrow(message.toolCalls, `${path}.toolCalls`)) {
            const called: WireCall | undefined = recordOrThrow(value, `${path}.toolCalls[]`);
            const callId = identifier(called?.id) ?? '';
            if (called && !sent.callIds.has(callId)) events.push(...mergeCall(callId, called, id));
          }
          break;
        case 'reasoning':
          events.push(...mergeSpoken('reasoning', message, id));
          break;
        case 'tool': {
          const toolCallId = identifier(message.toolCallId) ?? '';
          if (results.has(toolCallId) || sent.answeredCallIds.has(toolCallId)) break;
          const error = filledText(message.error);
          const own = { messageId: id || undefined, ...ownFields(message), error };
          const output = error && !contentText(message.content) ? error : message.content;
          events.push(
            ...addResult(toolCallId, {
              output,
              providerMetadata: metadataOf(own),
              ...(error !== undefined && { isError: true }),
            }),
          );
          break;
        }
        case 'activity':
          events.push(...setActivity(filledText(message.activityType) ?? 'activity', id, message.content));
          break;
        default:
      }
    }
    return events;
  }

  return {
    parts,
    text,
    endText,
    startWithoutId,
    call,
    endCall,
    result,
    encrypted,
    activity,
    merge,
    nextIndex,
    adopt({ id, name, rawInput, providerMetadata }, subagentRunId) {
      const own = { ...ownIn(providerMetadata?.[provider]), subagentRunId };
      const events = openCall(id, name, own);
      const open = calls.get(id) as OpenCall;
      return [...events, ...addArguments(open, rawInput), ...complete(open)];
    },
    callPart(id) {
      const open = id === undefined ? undefined : calls.get(id);
      return open && { index: open.index, part: parts[open.index] as ToolCallPart };
    },
    completeCalls: () => [...calls.values()].flatMap(complete),
    flush,
    hasResult(callId) {
      const open = calls.get(callId);
      return open ? open.resultIndex !== undefined : results.has(callId);
    },
    hasOpenCalls: () => [...calls.values()].some(({ resultIndex }) => resultIndex === undefined),
  };
}

/** The fields of an event or message to keep, if any is new; metadata as the event has it. */
function ownFields(fields: WireFields, known?: Own): Own | undefined {
  const name = filledText(fields.name);
  const metadata = record(fields.metadata) ?? {};
  const own = {
    ...(name !== undefined && name !== known?.name && { name }),
    ...encryptedFields(fields, known),
    // Merged by key: https://docs.ag-ui.com/spec/1.0/basic/metadata
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
  return Object.keys(own).length > 0 ? own : undefined;
}

/** A type belongs to its value: it does not stay with a new value. */
function encryptedFields({ encryptedValue, encryptedValueType }: WireFields, known?: Own): Own | undefined {
  const value = filledText(encryptedValue);
  if (value === undefined || value === known?.encryptedValue) return undefined;
  return { encryptedValue: value, encryptedValueType: filledText(encryptedValueType) };
}

/** The content of a message as text: parts of other kinds are for the agent. `undefined` if it is neither text nor parts. */
export function contentText(content: unknown): string | undefined {
  if (content === undefined || content === null) return '';
  if (!Array.isArray(content)) return textIn(content);
  let joined = '';
  for (const element of list(content)) {
    const part = record(element);
    const added = part?.['type'] === 'text' ? textIn(part['text']) : part && '';
    if (added === undefined) return undefined;
    joined += added;
  }
  return joined;
}

function contentTextOrThrow(content: unknown, path: string): string {
  const joined = contentText(content);
  if (joined === undefined) throw new UnexpectedValueError(path, 'text or a list of parts', content);
  return joined;
}
