/** Prints rows as a Markdown table; numbers stand right. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  console.log([`\n${title}\n`, line(head), rule, ...rows.map(line)].join('\n'));
}

export function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

export function times(value: number): string {
  return `${value.toFixed(2)}x`;
}
