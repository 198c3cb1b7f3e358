/** Whether a value is written as citations are: `[1]`, `[2, 3]`. */
export function isCitation(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** Whether a value of that many characters is an empty check box of Markdown, `[ ]`. */
export function isCheckbox(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === 0 && length === 3;
}
