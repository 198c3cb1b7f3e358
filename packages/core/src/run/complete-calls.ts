import type { FinishReason } from '../types/completion.ts';
import type { ParseError } from '../errors/error-classes.ts';
import { LLMError } from '../errors/error.ts';
import type { StreamEvent } from '../types/event.ts';
import type { ToolCall } from '../types/message.ts';
import { completeToolCall } from '../providers/shared/tool-call.ts';

/** Returns the events, with the calls that nothing has completed completed before the `finish`. */
export type CompleteCalls = (events: readonly StreamEvent[]) => readonly StreamEvent[];

/**
 * A call of a whole answer has an input or an error. Backends may finish an answer while the arguments of a call are still
 * being written, so the text that was received is read at the end.
 */
export function createCallCompletion(): CompleteCalls {
  /** The calls without an input and an error, by their index. */
  const open = new Map<number, ToolCall>();

  function follow(event: StreamEvent): void {
    switch (event.type) {
      case 'tool-call-start':
        open.set(event.index, { id: event.id, name: event.name, rawInput: '' });
        break;
      case 'tool-call-delta': {
        const call = open.get(event.index);
        if (call) open.set(event.index, { ...call, rawInput: call.rawInput + event.delta });
        break;
      }
      case 'tool-call':
      case 'tool-approval-request':
        if (event.toolCall.input === undefined && !event.toolCall.error) open.set(event.index, event.toolCall);
        else open.delete(event.index);
        break;
      default:
        // Another part at the index of a call replaces it.
        if (open.size > 0 && 'index' in event && event.index !== undefined) open.delete(event.index);
    }
  }

  function completed(reason: FinishReason): StreamEvent[] {
    const events = Array.from(open, ([index, call]): StreamEvent => {
      const { id, name, rawInput } = call;
      const isCut = rawInput === '' && reason !== 'stop' && reason !== 'tool-calls';
      const toolCall = isCut
        ? { ...call, error: cutError(name) }
        : { ...call, ...completeToolCall(id, name, rawInput) };
      return { type: 'tool-call', index, toolCall };
    });
    open.clear();
    return events;
  }

  return (events) => {
    for (const event of events) follow(event);
    if (open.size === 0) return events;
    const end = events.findIndex(({ type }) => type === 'finish');
    const finish = events[end];
    if (finish?.type !== 'finish') return events;
    return [...events.slice(0, end), ...completed(finish.reason), ...events.slice(end)];
  };
}

/** No arguments are `{}`, unless the answer ended before they began. */
function cutError(name: string): ParseError {
  return new LLMError(`The answer ended before the arguments of ${name}`, { code: 'parse' }) as ParseError;
}
