import { isContent, type StreamEvent } from '../types/event.ts';
import { checkSize } from '../errors/limits.ts';
import { createKeptSize } from './kept-size.ts';

/** The events of an attempt before its first content. */
export interface HeldEvents {
  /** @throws {LLMError} with code `limit` if they are more than a run may keep. */
  add(events: readonly StreamEvent[]): void;
  hasContent(): boolean;
  /** The last token counts. */
  usage(): StreamEvent | undefined;
  all(): StreamEvent[];
}

export function createHeldEvents(): HeldEvents {
  const keptSize = createKeptSize();
  const held: StreamEvent[] = [];
  /** Where the token counts are: later ones replace them. */
  let usageAt: number | undefined;
  let hasContent = false;
  let size = 0;

  return {
    add(events) {
      for (const event of events) {
        hasContent ||= isContent(event);
        if (event.type === 'usage' && usageAt !== undefined) {
          held[usageAt] = event;
          continue;
        }
        if (event.type === 'usage') usageAt = held.length;
        held.push(event);
        // The run counts what it is given. Until then, everything is held.
        if (hasContent) continue;
        size += keptSize.add(event);
        checkSize('run', size);
      }
    },
    hasContent: () => hasContent,
    usage: () => (usageAt === undefined ? undefined : held[usageAt]),
    all: () => held,
  };
}
