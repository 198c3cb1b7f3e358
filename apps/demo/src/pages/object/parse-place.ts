/** Where text stopped being JSON. */
export interface ParsePlace {
  /** Characters before it. */
  position: number;
  line: number;
  column: number;
}

/** The place that a `ParseError` names in its message. */
export function parsePlaceOf(message: string): ParsePlace | null {
  const found = /position (\d+) \(line (\d+), column (\d+)\)/.exec(message);
  if (!found) return null;
  const [, position, line, column] = found.map(Number);
  return position === undefined || line === undefined || column === undefined ? null : { position, line, column };
}
