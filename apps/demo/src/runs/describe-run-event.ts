import type { RunEvent } from '@rivulet/core';
import { formatMs } from '../components/format-ms.ts';

export interface TurnDescription {
  title: string;
  /** What is known beside it, in short sentences. */
  details: readonly string[];
}

/** What happened, for a developer: codes and counts are not put into other words. */
export function describeTurn(turn: RunEvent): TurnDescription {
  switch (turn.type) {
    case 'request':
      return { title: turn.attempt > 1 ? `Request, attempt ${turn.attempt}` : 'Request', details: [] };
    case 'retry': {
      const asAsked = turn.retryAfterMs === undefined ? '' : ', as the server asks';
      return {
        title: `Failed: ${causeOf(turn)}`,
        details: [`Tries again in ${formatMs(turn.delayMs)}${asAsked}.`, ...requestIdOf(turn)],
      };
    }
    case 'first-content':
      return { title: 'First content', details: [] };
    case 'finish':
      return { title: `Finished: ${turn.finishReason ?? 'no reason told'}`, details: [charactersOf(turn)] };
    case 'error': {
      const wait = turn.retryAfterMs === undefined ? [] : [`The server asks to wait ${formatMs(turn.retryAfterMs)}.`];
      const notSent = turn.attempt === 0 ? ['Nothing was sent.'] : [];
      return {
        title: `Failed: ${causeOf(turn)}`,
        details: [...notSent, ...wait, ...(turn.length > 0 ? [charactersOf(turn)] : []), ...requestIdOf(turn)],
      };
    }
    case 'abort':
      return { title: 'Stopped', details: [charactersOf(turn)] };
    default:
      return { title: (turn as { type: string }).type, details: [] };
  }
}

function causeOf({ code, status }: { code: string; status?: number | undefined }): string {
  return status === undefined ? code : `${code} (${status})`;
}

function charactersOf({ length }: { length: number }): string {
  return `${length.toLocaleString('en')} ${length === 1 ? 'character' : 'characters'}.`;
}

function requestIdOf({ requestId }: { requestId?: string | undefined }): string[] {
  return requestId === undefined ? [] : [`Request id ${requestId}.`];
}
