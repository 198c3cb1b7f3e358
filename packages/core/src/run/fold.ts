import type { FinishReason, Usage } from '../types/completion.ts';
import type { PartEvent, StreamEvent } from '../types/event.ts';
import type { Message, Part } from '../types/message.ts';
import { record, UnexpectedValueError, type UnknownRecord } from '../utils/read-value.ts';

/** What events add up to, besides the message. */
export interface FoldState {
  id?: string | undefined;
  model?: string | undefined;
  usage?: Usage | undefined;
  finishReason?: FinishReason | undefined;
  rawFinishReason?: string | undefined;
}

export interface Fold {
  readonly state: Readonly<FoldState>;
  apply(event: StreamEvent): void;
  /** The message so far. What did not change since the last call is the same object. */
  message(): Message;
  /** Events that give this state, for a reader that comes late: whole deltas, without `finish`. */
  replay(): StreamEvent[];
}

/** What a part or the metadata has. It grows in place, and is copied before it changes once somebody has seen it. */
interface Fields {
  type?: string;
  text?: string;
  rawInput?: string;
  providerMetadata?: Record<string, unknown>;
  [name: string]: unknown;
}

interface DraftPart {
  readonly index: number;
  fields: Fields;
  isSeen: boolean;
  /** Whether `fields.providerMetadata` is an object that nobody has seen. */
  ownsMetadata: boolean;
}

/** Folds events into the parts of one assistant message, at a cost of the delta, whatever came before. */
export function createFold(messageId: string): Fold {
  const state: FoldState = {};
  /** By the index of the events, which may leave holes. */
  const byIndex = new Map<number, DraftPart>();
  const parts: DraftPart[] = [];
  let isSorted = true;
  /** Behind the last part. */
  let end = 0;
  let metadata: { fields: Record<string, unknown>; isSeen: boolean } | undefined;
  let message: Message | undefined;
  /** The part that the last delta went to: the next one mostly goes there too. */
  let current: DraftPart | undefined;

  /** The part of this type at this index, which may be changed. It replaces a part of another type. */
  function draftAt(index: number, type: string): DraftPart {
    // No message has shown a part that was not seen.
    if (current?.index === index && !current.isSeen && current.fields.type === type) return current;
    message = undefined;
    const part = byIndex.get(index) ?? open(index);
    current = part;
    const isOther = part.fields.type !== type;
    if (part.isSeen || isOther) {
      part.fields = isOther ? { type } : { ...part.fields };
      part.isSeen = false;
      part.ownsMetadata = false;
    }
    return part;
  }

  /** Where a delta without an index goes: to the last part, or behind it. */
  function nextIndexOf(type: string): number {
    const last = current?.index === end - 1 ? current : byIndex.get(end - 1);
    return last?.fields.type === type ? end - 1 : end;
  }

  function open(index: number): DraftPart {
    const part: DraftPart = { index, fields: {}, isSeen: false, ownsMetadata: false };
    byIndex.set(index, part);
    parts.push(part);
    if (index < end) isSorted = false;
    else end = index + 1;
    return part;
  }

  function joinProviderMetadata(part: DraftPart, event: PartEvent): void {
    const added = record(event.providerMetadata);
    if (!added) return;
    if (!part.ownsMetadata) {
      part.fields.providerMetadata = { ...part.fields.providerMetadata };
      part.ownsMetadata = true;
    }
    join(part.fields.providerMetadata ?? {}, added);
  }

  function putCall(event: PartEvent, fields: Fields): void {
    const part = draftAt(event.index ?? end, 'tool-call');
    part.fields = { ...part.fields, ...fields, type: 'tool-call' };
    joinProviderMetadata(part, event);
  }

  /** Replaces all of a part but its metadata. */
  function replace(event: PartEvent, type: string, fields: Fields): void {
    const part = draftAt(event.index ?? end, type);
    const { providerMetadata } = part.fields;
    part.fields = { ...fields, ...(providerMetadata && { providerMetadata }) };
    joinProviderMetadata(part, event);
  }

  /** The parts in their order. They are copied before they change again. */
  function seenParts(): readonly DraftPart[] {
    if (!isSorted) parts.sort((one, other) => one.index - other.index);
    isSorted = true;
    for (const part of parts) part.isSeen = true;
    if (metadata) metadata.isSeen = true;
    return parts;
  }

  return {
    state,
    apply(event) {
      switch (event.type) {
        case 'text':
        case 'reasoning':
        case 'refusal': {
          const { type, delta } = event;
          const part = draftAt(event.index ?? nextIndexOf(type), type);
          part.fields.text = (part.fields.text ?? '') + delta;
          if (event.providerMetadata) joinProviderMetadata(part, event);
          break;
        }
        case 'tool-call-start':
          putCall(event, { id: event.id, name: event.name, rawInput: '' });
          break;
        case 'tool-call-delta': {
          if (byIndex.get(event.index)?.fields.type !== 'tool-call') {
            throw new UnexpectedValueError('tool-call-delta.index', 'the index of a started tool call', event.index);
          }
          const part = draftAt(event.index, 'tool-call');
          part.fields.rawInput = (part.fields.rawInput ?? '') + event.delta;
          if (event.providerMetadata) joinProviderMetadata(part, event);
          break;
        }
        case 'tool-call':
        case 'tool-approval-request':
          putCall(event, { ...event.toolCall });
          break;
        case 'start':
          state.id = event.id || state.id;
          state.model = event.model || state.model;
          break;
        case 'metadata': {
          const added = record(event.metadata);
          if (!added) break;
          if (!metadata || metadata.isSeen) metadata = { fields: { ...metadata?.fields }, isSeen: false };
          join(metadata.fields, added);
          message = undefined;
          break;
        }
        case 'usage':
          state.usage = event.usage;
          break;
        case 'finish':
          state.finishReason ??= event.reason;
          state.rawFinishReason ??= event.raw;
          break;
        case 'step':
          break;
        default:
          // What is a part already, such as a source.
          if (!('transient' in event && event.transient)) {
            const { index: _, providerMetadata: __, ...part } = event;
            replace(event, part.type, { ...part });
          }
      }
    },
    message() {
      message ??= {
        id: messageId,
        role: 'assistant',
        parts: seenParts().map(({ fields }) => fields as Part),
        ...(metadata && { metadata: metadata.fields }),
      };
      return message;
    },
    replay() {
      const { model, usage } = state;
      const events: StreamEvent[] = state.id || model ? [{ type: 'start', id: state.id, model }] : [];
      const seen = seenParts();
      if (metadata) events.push({ type: 'metadata', metadata: metadata.fields });
      for (const { index, fields } of seen) {
        const part = fields as Part;
        if (part.type === 'tool-call') {
          const { type, providerMetadata, ...toolCall } = part;
          const { id, name, rawInput: delta } = part;
          events.push(
            { type: 'tool-call-start', index, id, name, providerMetadata },
            { type: 'tool-call-delta', index, delta },
          );
          if ('input' in part || 'error' in part) events.push({ type, index, toolCall });
        } else if ('text' in part) {
          const { text: delta, ...rest } = part;
          events.push({ ...rest, index, delta });
        } else {
          events.push({ ...part, index });
        }
      }
      if (usage) events.push({ type: 'usage', usage });
      return events;
    },
  };
}

/** Sets the values in `added`. Names come from outside, and `__proto__` is one like any other. */
function join(fields: Record<string, unknown>, added: UnknownRecord): void {
  for (const [name, value] of Object.entries(added)) {
    if (name === '__proto__') {
      Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
    } else {
      fields[name] = value;
    }
  }
}
