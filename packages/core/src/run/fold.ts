import type { FinishReason, Usage } from '../completion.ts';
import type { PartEvent, StreamEvent } from '../event.ts';
import type { Message, Part, ToolCallPart } from '../message.ts';

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
  /** The text part that no message has shown yet, and which may so grow in place. */
  let unseen = -1;

  function put(event: PartEvent, fields: Partial<Part>, index = event.index ?? parts.length): void {
    const part = parts[index];
    const { providerMetadata } = event;
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
          const part = parts[index] as { text: string } | undefined;
          if (part && index === unseen && !event.providerMetadata) {
            part.text += delta;
          } else {
            put(event, { type, text: (part?.text ?? '') + delta }, index);
            unseen = index;
          }
          break;
        }
        case 'tool-call-start':
          put(event, { type: 'tool-call', id: event.id, name: event.name, rawInput: '' });
          break;
        case 'tool-call-delta':
          put(event, { rawInput: (parts[event.index] as ToolCallPart).rawInput + event.delta });
          break;
        case 'tool-call':
        case 'tool-approval-request':
          put(event, { type: 'tool-call', ...event.toolCall });
          break;
        case 'start':
          state.id = event.id || state.id;
          state.model = event.model || state.model;
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
        case 'step':
          break;
        default:
          // What is a part already, such as a source.
          if (!(event as { transient?: boolean }).transient) {
            const { index, ...part } = event;
            put(event, part);
          }
      }
    },
    message() {
      unseen = -1;
      message ??= { id: messageId, role: 'assistant', parts: parts.flat(), ...(metadata && { metadata }) };
      return message;
    },
    replay() {
      const { model, usage } = state;
      const events: StreamEvent[] = state.id || model ? [{ type: 'start', id: state.id, model }] : [];
      if (metadata) events.push({ type: 'metadata', metadata });
      parts.forEach((part, index) => {
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
          events.push(part);
        }
      });
      if (usage) events.push({ type: 'usage', usage });
      return events;
    },
  };
}
