import { ParseError } from '../error.ts';
import { excerpt } from './excerpt.ts';
import type { Frame } from './frame.ts';

/**
 * The JSON of a frame; `undefined` where the end of the body cut it, since that is a truncation.
 * @throws {ParseError} when a whole frame is not JSON.
 */
export function parseJsonFrame(frame: Frame, provider: string): unknown {
  try {
    return JSON.parse(frame.data);
  } catch {
    if (frame.isLast) return undefined;
    throw new ParseError(`${provider} sent a message that is no JSON: ${excerpt(frame.data)}`, { provider });
  }
}
