/** What a batch works on: a prompt for each row. */
export interface Table {
  /** Of the file it came from; none where lines were pasted. */
  name?: string;
  /** Each once; they are the variables of the template. */
  columns: readonly string[];
  /** As many cells in each as there are columns. */
  rows: readonly (readonly string[])[];
}

/** A row for each line that is not blank, under the column `line`. */
export function tableOfLines(text: string): Table {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return { columns: ['line'], rows: lines.map((line) => [line.trim()]) };
}

/** Names that can be told apart: a blank one is called by its place, a second one of a name is counted. */
export function uniqueColumns(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((given, index) => {
    const name = given.trim() || `column ${index + 1}`;
    let unique = name;
    for (let count = 2; taken.has(unique); count += 1) unique = `${name} ${count}`;
    taken.add(unique);
    return unique;
  });
}
