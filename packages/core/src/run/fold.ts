import type { FinishReason, Usage } from '../completion.ts';
import type { StreamEvent } from '../event.ts';
import type { Message, Part, ProviderMetadata, TextPart, ToolCallPart } from '../message.ts';

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

/** Folds events into the parts of one assistant message, at a cost of the delta, whatever came before. */
export function createFold(messageId: string): Fold {
  const state: FoldState = {};
  /** By the index of the events, which may leave holes. */
  const parts: Part[] = [];
  let metadata: Readonly<Record<string, unknown>> | undefined;
  let message: Message | undefined;

  function put(index: number, fields: Partial<Part>, providerMetadata?: ProviderMetadata): void {
    const part = parts[index];
    parts[index] = {
      ...part,
      ...fields,
      ...(providerMetadata && { providerMetadata: { ...part?.providerMetadata, ...providerMetadata } }),
    } as Part;
    message = undefined;
  }

  return {
    state,
    apply(event) {
      switch (event.type) {
        case 'text':
        case 'reasoning':
        case 'refusal': {
          const { type, delta, index = parts.length - (parts.at(-1)?.type === type ? 1 : 0) } = event;
          put(index, { type, text: ((parts[index] as TextPart)?.text ?? '') + delta }, event.providerMetadata);
          break;
        }
        case 'tool-call-start': {
          const { index, id, name } = event;
          put(index, { type: 'tool-call', id, name, rawInput: '' }, event.providerMetadata);
          break;
        }
        case 'tool-call-delta': {
          const { index, delta } = event;
          put(index, { rawInput: (parts[index] as ToolCallPart).rawInput + delta });
          break;
        }
        case 'tool-call':
          put(event.index, { type: event.type, ...event.toolCall }, event.providerMetadata);
          break;
        case 'data':
        case 'source':
        case 'file':
        case 'tool-result':
          if (!('transient' in event && event.transient)) put(parts.length, event);
          break;
        case 'start':
          state.id = event.id ?? state.id;
          state.model = event.model ?? state.model;
          break;
        case 'metadata':
          metadata = { ...metadata, ...event.metadata };
          message = undefined;
          break;
        case 'usage':
          state.usage = event.usage;
          break;
        case 'finish':
          state.finishReason ??= event.reason;
          state.rawFinishReason ??= event.raw;
          break;
        default:
      }
    },
    message() {
      message ??= { id: messageId, role: 'assistant', parts: parts.flat(), ...(metadata && { metadata }) };
      return message;
    },
    replay() {
      const { id, model, usage } = state;
      const events: StreamEvent[] = id || model ? [{ type: 'start', id, model }] : [];
      if (metadata) events.push({ type: 'metadata', metadata });
      parts.forEach((part, index) => {
        if (part.type === 'tool-call') {
          const { type, providerMetadata, ...toolCall } = part;
          events.push(
            { type: 'tool-call-start', index, id: part.id, name: part.name, providerMetadata },
            { type: 'tool-call-delta', index, delta: part.rawInput },
          );
          if ('input' in part || 'error' in part) events.push({ type, index, toolCall });
        } else if ('text' in part) {
          const { text: delta, ...rest } = part;
          events.push({ ...rest, index, delta });
        } else {
          events.push(part);
        }
      });
      if (usage) events.push({ type: 'usage', usage });
      return events;
    },
  };
}
