import type { LLMError } from '../errors/error.ts';
import { type ObjectIssue, toIssue } from '../path/issue.ts';
import { isCitation } from '../json/citation.ts';
import type { Path } from '../path/path.ts';
import type { SchemaResult, StandardSchema } from '../types/standard-schema.ts';

/** A JSON document of an answer. */
export interface WrittenDocument {
  readonly object: unknown;
  /** Of a list: the checks of its elements. */
  readonly checks: readonly Promise<SchemaResult<unknown>>[];
  /** Checks the object, with numbers that JavaScript cannot represent as they were written. */
  validate(schema: StandardSchema): Promise<SchemaResult<unknown>>;
  readonly isCheckbox?: boolean | undefined;
  /** Where it stopped being JSON, and what was open then. */
  readonly error?: LLMError | undefined;
  readonly open?: Path | undefined;
}

export interface ChosenDocument {
  readonly document: WrittenDocument;
  readonly issues: readonly ObjectIssue[];
  /** What the schema made of it, or of each of its elements. */
  readonly values: readonly unknown[];
  /** Why it is not an object: it stopped being JSON, or the schema threw. */
  readonly failure?: unknown;
}

/**
 * The last document that the schema accepts. If there is none, the last one that is not a citation, with what is wrong.
 *
 * @param schema that of the object; without it the documents are lists, whose elements are checked.
 */
export async function chooseDocument(
  documents: readonly WrittenDocument[],
  schema: StandardSchema | undefined,
): Promise<ChosenDocument> {
  let rejected: ChosenDocument | undefined;
  for (let index = documents.length - 1; index >= 0; index -= 1) {
    const document = documents[index] as WrittenDocument;
    const checked = await check(document, schema);
    if (!checked.failure && checked.issues.length === 0) return checked;
    if (!rejected || (isCitation(rejected.document.object) && !isCitation(document.object))) rejected = checked;
  }
  return rejected as ChosenDocument;
}

async function check(document: WrittenDocument, schema: StandardSchema | undefined): Promise<ChosenDocument> {
  const { object, checks, error } = document;
  if (error) return { document, issues: [], values: [], failure: error };
  try {
    const results = schema ? [await document.validate(schema)] : await Promise.all(checks);
    const issues = results.flatMap((result, position) =>
      (result.issues ?? []).map((issue) => toIssue(issue, schema ? [] : [position])),
    );
    if (!schema && !Array.isArray(object)) issues.push({ path: [], message: 'Not a list' });
    return { document, issues, values: results.flatMap((result) => (result.issues ? [] : [result.value])) };
  } catch (failure) {
    return { document, issues: [], values: [], failure };
  }
}
