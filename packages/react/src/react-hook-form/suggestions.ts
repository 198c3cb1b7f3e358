import { nameOf, type Place } from './field-tree.ts';

/** A value of the model for a field that is the user's. */
export interface Suggestion<Name extends string = string> {
  readonly name: Name;
  /** As the model wrote it. It has closed, and may still not fit the schema. */
  readonly value: unknown;
}

/** The places that have a suggestion. */
export interface Suggestions {
  suggest(place: Place, value: unknown): void;
  drop(place: Place): void;
  /** Rows have moved, and with them the names of places. */
  rename(): void;
  /** By the names as they are now. The same list for as long as nothing in it changes. */
  list(): readonly Suggestion[];
}

export function createSuggestions(): Suggestions {
  const places = new Set<Place>();
  let listed: readonly Suggestion[] = [];
  let isStale = false;
  return {
    suggest(place, value) {
      place.suggestion = { value };
      places.add(place);
      isStale = true;
    },
    drop(place) {
      place.suggestion = undefined;
      if (places.delete(place)) isStale = true;
    },
    rename() {
      isStale = true;
    },
    list() {
      if (!isStale) return listed;
      isStale = false;
      const now = [...places].flatMap((place): Suggestion[] => {
        const name = nameOf(place);
        return name !== undefined && place.suggestion ? [{ name, value: place.suggestion.value }] : [];
      });
      const isSame =
        now.length === listed.length &&
        now.every(({ name, value }, index) => name === listed[index]?.name && Object.is(value, listed[index].value));
      if (!isSame) listed = now;
      return listed;
    },
  };
}
