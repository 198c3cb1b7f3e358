import type { SchemaIssue } from '../types/standard-schema.ts';
import type { Path } from './path.ts';

/** What does not fit a schema, and where. */
export interface ObjectIssue {
  /** The keys that lead there; `[]` is the object itself. */
  readonly path: Path;
  readonly message: string;
}

/** An issue as a validator has it, with a path of plain keys. */
export function toIssue({ message, path = [] }: SchemaIssue, base: Path = []): ObjectIssue {
  const keys = path.map((step) => (typeof step === 'object' ? step.key : step));
  return { message, path: [...base, ...keys.map((key) => (typeof key === 'symbol' ? String(key) : key))] };
}
