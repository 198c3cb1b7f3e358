import type { DeltaEvent, StreamEvent } from '../types/event.ts';

/** Deltas that do not cut a character: servers that cut by UTF-16 units send the halves of an emoji in two. */
export interface WholeCharacters {
  /** The events, with the first half of a character moved to the delta that has its other half. */
  join(events: readonly StreamEvent[]): readonly StreamEvent[];
  /** The half whose other half never came. */
  rest(): readonly StreamEvent[];
}

export function createWholeCharacters(): WholeCharacters {
  let half: DeltaEvent | undefined;

  function rest(): StreamEvent[] {
    const events = half ? [half] : [];
    half = undefined;
    return events;
  }

  function joinEvent(event: StreamEvent): StreamEvent[] {
    // Neither has a place in the message.
    if (event.type === 'usage' || event.type === 'start') return [event];
    if (!isDelta(event)) return [...rest(), event];
    const { type, index } = event;
    const isSamePart = half?.type === type && half.index === index;
    const delta = isSamePart && half ? half.delta + event.delta : event.delta;
    const before = isSamePart ? [] : rest();
    half = undefined;
    if (!endsInHalf(delta)) return [...before, { ...event, delta }];
    half = { type, index, delta: delta.slice(-1) };
    // The event begins its part even if no whole character is in it.
    return [...before, { ...event, delta: delta.slice(0, -1) }];
  }

  return {
    join: (events) => (half || events.some(mayCut) ? events.flatMap(joinEvent) : events),
    rest,
  };
}

function mayCut(event: StreamEvent): boolean {
  return isDelta(event) && endsInHalf(event.delta);
}

/** A source in JavaScript may emit a delta of any type, which is an error later. */
function isDelta(event: StreamEvent): event is DeltaEvent {
  return (event.type === 'text' || event.type === 'reasoning') && typeof event.delta === 'string';
}

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
