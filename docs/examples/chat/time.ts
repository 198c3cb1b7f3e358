import type { ChatPart } from '@rivulet/core/chat';
import type { tools } from './tools.ts';

/** What the clock said. A result that is an error has another `output`: its type is known once that is ruled out. */
export function timeOf(part: ChatPart<typeof tools>): string | undefined {
  return part.type === 'tool-result' && part.name === 'clock' && !part.isError ? part.output : undefined;
}
