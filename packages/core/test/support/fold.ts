import type { Completion, Part, StreamEvent } from '@rivulet/core';

/** What events add up to, in the simplest way that there is: what any reader may do with them. */
export function fold(events: readonly StreamEvent[]): Partial<Completion> {
  const parts: Part[] = [];
  const rest: { -readonly [K in keyof Completion]?: Completion[K] } = {};

  /** Puts at its place what `make` makes of the part of that type which is there, if any. */
  function put<T extends Part['type']>(
    type: T,
    { index, providerMetadata }: { index?: number | undefined; providerMetadata?: object | undefined },
    make: (known: Extract<Part, { type: T }> | undefined) => Part,
  ): void {
    const last = parts[index ?? parts.length - 1];
    const known = last?.type === type ? (last as Extract<Part, { type: T }>) : undefined;
    const metadata = providerMetadata && { providerMetadata: { ...known?.providerMetadata, ...providerMetadata } };
    parts[index ?? (known ? parts.length - 1 : parts.length)] = { ...known, ...make(known), ...metadata };
  }

  for (const event of events) {
    switch (event.type) {
      case 'start':
        if (event.id) rest.id = event.id;
        if (event.model) rest.model = event.model;
        break;
      case 'text':
      case 'reasoning':
      case 'refusal':
        put(event.type, event, (known) => ({ type: event.type, text: (known?.text ?? '') + event.delta }));
        break;
      case 'tool-call-start':
        put('tool-call', event, () => ({ type: 'tool-call', id: event.id, name: event.name, rawInput: '' }));
        break;
      case 'tool-call-delta':
        put('tool-call', event, (known) => ({ ...known!, rawInput: known!.rawInput + event.delta }));
        break;
      case 'tool-call':
      case 'tool-approval-request':
        put('tool-call', event, () => ({ type: 'tool-call', ...event.toolCall }));
        break;
      case 'source':
      case 'file':
      case 'tool-result':
      case 'data': {
        if ('transient' in event && event.transient) break;
        const { index = parts.length, providerMetadata: _, ...part } = event;
        const known = parts[index]?.type === part.type ? parts[index].providerMetadata : undefined;
        const providerMetadata = (known || event.providerMetadata) && { ...known, ...event.providerMetadata };
        parts[index] = { ...part, ...(providerMetadata && { providerMetadata }) };
        break;
      }
      case 'usage':
        rest.usage = event.usage;
        break;
      case 'finish':
        rest.finishReason = event.reason;
        if (event.raw) rest.rawFinishReason = event.raw;
        break;
      default:
    }
  }
  const joined = (type: 'text' | 'reasoning'): string =>
    parts.map((part) => (part.type === type ? part.text : '')).join('');
  return {
    ...rest,
    message: { id: '', role: 'assistant', parts },
    text: joined('text'),
    reasoning: joined('reasoning'),
    toolCalls: parts.filter((part) => part.type === 'tool-call'),
    sources: parts.filter((part) => part.type === 'source'),
  };
}
