import type { RuledForm } from './ownership.ts';
import type { Place } from './place.ts';
import type { RowChanges } from './row-changes.ts';
import type { Suggestions } from './suggestions.ts';

/** What all runs that write into a form share. */
export interface FilledForm extends RuledForm {
  readonly suggestions: Suggestions;
  readonly rowChanges: RowChanges;
  /** Fields in which the caret is, to be written when it leaves. */
  readonly held: Set<Place>;
  /** Changes the form without being told of it. */
  quietly(change: () => void): void;
}
