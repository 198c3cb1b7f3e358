import type { FollowedFields } from './followed-fields.ts';
import type { RuledForm } from './ownership.ts';
import type { Place } from './field-tree.ts';
import type { RowChanges } from './row-changes.ts';
import type { Suggestions } from './suggestions.ts';

/** What all runs that write into a form share. */
export interface FilledForm extends RuledForm {
  readonly suggestions: Suggestions;
  readonly rowChanges: RowChanges;
  readonly followed: FollowedFields;
  /** The form is being given other values: nothing is to be written until that is done. */
  readonly isResetting: boolean;
  /** Fields in which the caret is, to be written when it leaves. */
  readonly held: Set<Place>;
  /** The options of a select have changed that lacked the one for its value. */
  onOptions(place: Place): void;
  /** Changes the form without being told of it. */
  quietly(change: () => void): void;
  /** Sets errors of the form, for fields that are touched by whoever does so. */
  checking(check: () => Promise<void>): Promise<void>;
}
