import type { StreamEvent } from '../types/event.ts';
import type { Redactor } from './redact.ts';

/** Removes secrets from decoded events. Most events are deltas that are shorter than a secret, and cost one comparison. */
export function redactEvents(events: readonly StreamEvent[], redactor: Redactor): readonly StreamEvent[] {
  let redacted: StreamEvent[] | undefined;
  events.forEach((event, index) => {
    const clean = redactEvent(event, redactor);
    if (clean === event) return;
    redacted ??= [...events];
    redacted[index] = clean;
  });
  return redacted ?? events;
}

function redactEvent(event: StreamEvent, redactor: Redactor): StreamEvent {
  if (!('delta' in event) || typeof event.delta !== 'string' || event.providerMetadata) return redactor.value(event);
  const delta = redactor.text(event.delta);
  return delta === event.delta ? event : { ...event, delta };
}
