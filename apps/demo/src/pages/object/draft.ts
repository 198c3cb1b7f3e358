/** What is asked for, as it stands in the form. */
export interface Draft {
  /** A JSON Schema, as it is typed. */
  schemaText: string;
  /** Whether the schema is that of one element of a list. */
  isList: boolean;
  prompt: string;
}
