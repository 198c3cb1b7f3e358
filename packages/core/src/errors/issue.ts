import type { Path } from '../path/path.ts';

/** What does not fit a schema, and where. */
export interface ObjectIssue {
  /** The keys that lead there; `[]` is the object itself. */
  readonly path: Path;
  readonly message: string;
}
