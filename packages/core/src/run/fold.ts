import type { FinishReason, Usage } from '../completion.ts';
import type { StreamEvent } from '../event.ts';
import type { Message, Part, ProviderMetadata, ToolCall } from '../message.ts';

/** What events add up to, besides the parts. */
export interface FoldState {
  id?: string | undefined;
  model?: string | undefined;
  text: string;
  reasoning: string;
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

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** A part that grows in place; what is shown of it are copies. */
type Draft = Writable<Part>;

/** Folds events into the parts of one assistant message, at a cost of the delta, whatever came before. */
export function createFold(messageId: string): Fold {
  const state: FoldState = { text: '', reasoning: '' };
  const drafts: Draft[] = [];
  /** Copies of the drafts; a hole where one has changed since. */
  const parts: (Part | undefined)[] = [];
  /** Where an index of the wire ended up, in case a provider counts with gaps. */
  const positions = new Map<number, number>();
  let metadata: Readonly<Record<string, unknown>> | undefined;
  let message: Message | undefined;

  function open(draft: Draft, index = drafts.length): void {
    positions.set(index, drafts.length);
    parts.push(undefined);
    drafts.push(draft);
    message = undefined;
  }

  /** The draft to go on with, if it is of that type. */
  function change<T extends Part['type']>(
    type: T,
    index: number | undefined,
    providerMetadata?: ProviderMetadata,
  ): Extract<Draft, { type: T }> | undefined {
    const position = index === undefined ? drafts.length - 1 : (positions.get(index) ?? -1);
    const draft = drafts[position];
    if (draft?.type !== type) return undefined;
    parts[position] = undefined;
    message = undefined;
    if (providerMetadata) draft.providerMetadata = { ...draft.providerMetadata, ...providerMetadata };
    return draft as Extract<Draft, { type: T }>;
  }

  return {
    state,
    apply(event) {
      switch (event.type) {
        case 'text':
        case 'reasoning':
        case 'refusal': {
          const { type, index, delta, providerMetadata } = event;
          const draft = change(type, index, providerMetadata);
          if (draft) draft.text += delta;
          else open({ type, text: delta, ...(providerMetadata && { providerMetadata }) }, index);
          if (type !== 'refusal') state[type] += delta;
          break;
        }
        case 'tool-call-start': {
          const { type: _, index, ...call } = event;
          open({ type: 'tool-call', rawInput: '', ...call }, index);
          break;
        }
        case 'tool-call-delta': {
          const draft = change('tool-call', event.index);
          if (draft) draft.rawInput += event.delta;
          break;
        }
        case 'tool-call': {
          const draft = change('tool-call', event.index, event.providerMetadata);
          if (draft) Object.assign(draft, event.toolCall);
          else open({ type: 'tool-call', ...event.toolCall }, event.index);
          break;
        }
        case 'source':
        case 'file':
        case 'tool-result':
          open({ ...event });
          break;
        case 'data':
          if (!event.transient) open({ ...event });
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
      message ??= {
        id: messageId,
        role: 'assistant',
        parts: drafts.map((draft, at) => (parts[at] ??= { ...draft })),
        ...(metadata && { metadata }),
      };
      return message;
    },
    replay() {
      const { id, model, usage } = state;
      const events: StreamEvent[] = id || model ? [{ type: 'start', id, model }] : [];
      if (metadata) events.push({ type: 'metadata', metadata });
      for (const [index, position] of positions) {
        const draft = drafts[position] as Draft;
        if (draft.type === 'tool-call') {
          const { type, providerMetadata, ...toolCall } = draft;
          events.push({ type: 'tool-call-start', index, id: draft.id, name: draft.name, providerMetadata });
          if (draft.rawInput) events.push({ type: 'tool-call-delta', index, delta: draft.rawInput });
          if (isComplete(draft)) events.push({ type, index, toolCall });
        } else if ('text' in draft) {
          const { text: delta, ...rest } = draft;
          events.push({ ...rest, index, delta });
        } else {
          events.push({ ...draft });
        }
      }
      if (usage) events.push({ type: 'usage', usage });
      return events;
    },
  };
}

function isComplete(call: ToolCall): boolean {
  return 'input' in call || 'error' in call;
}
