import type { Place } from './chat-places.ts';
import { wholeLimit } from './whole-limit.ts';

export interface Page {
  readonly places: readonly Place[];
  readonly hasEarlier: boolean;
}

/**
 * The places of one page of a chat: all alternatives and branches from a message of the shown branch on.
 * @param head the last message of the shown branch.
 * @param before the oldest message that was loaded.
 */
export function pageOf(
  places: readonly Place[],
  head: string | undefined,
  limit: number | undefined,
  before: string | undefined,
): Page {
  if (limit === undefined && before === undefined) return { places, hasEarlier: false };
  const byId = new Map(places.map((place) => [place.id, place]));
  const path = pathTo(byId, before === undefined ? (head ?? places.at(-1)?.id) : byId.get(before)?.parentId);
  const start = Math.max(0, path.length - wholeLimit(limit));
  const anchor = path[start]?.parentId;
  if (start === 0 && before === undefined) return { places, hasEarlier: false };
  // The depth of each message below the anchor is decided once, from its parent.
  const isBelow = new Map<string, boolean>();
  const end = before === undefined ? undefined : byId.get(before)?.parentId;
  function isInPage(place: Place): boolean {
    const walked: string[] = [];
    const isWalked = new Set<string>();
    let at: Place | undefined = place;
    let result = start === 0;
    while (at && !isWalked.has(at.id)) {
      const known = isBelow.get(at.id);
      if (known !== undefined) {
        result = known;
        break;
      }
      walked.push(at.id);
      isWalked.add(at.id);
      // The page that is loaded already.
      if (before !== undefined && at.parentId === end) {
        result = false;
        break;
      }
      if (start > 0 && at.parentId === anchor) {
        result = true;
        break;
      }
      at = at.parentId === undefined ? undefined : byId.get(at.parentId);
    }
    for (const id of walked) isBelow.set(id, result);
    return result;
  }
  return { places: places.filter((place) => isInPage(place)), hasEarlier: start > 0 };
}

function pathTo(byId: ReadonlyMap<string, Place>, id: string | undefined): Place[] {
  const path: Place[] = [];
  const isWalked = new Set<string>();
  for (let at = id; at !== undefined && !isWalked.has(at);) {
    const place = byId.get(at);
    if (!place) break;
    isWalked.add(at);
    path.push(place);
    at = place.parentId;
  }
  return path.toReversed();
}
