import type { Table } from './table.ts';

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** What keeps a template from being used with the columns of a table, as a sentence; `null` where nothing does. */
export function findTemplateProblem(template: string, columns: readonly string[]): string | null {
  if (template.trim() === '') return 'Write the prompt that each row is put into.';
  const names = namesIn(template);
  const known = columns.map((column) => `{{${column}}}`).join(', ');
  const unknown = names.find((name) => !columns.includes(name));
  if (unknown !== undefined) return `There is no column {{${unknown}}}. You can use ${known}.`;
  if (names.length === 0) return `Every prompt would be the same. Put in ${known}.`;
  return null;
}

/** The prompt for one row. What a cell holds is never read as a placeholder. */
export function fillTemplate(template: string, columns: readonly string[], row: readonly string[]): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => row[columns.indexOf(name.trim())] ?? whole);
}

/** What a row brings to the prompt: the cells that the template uses, named where there are several. */
export function describeInput(template: string, { columns }: Table, row: readonly string[]): string {
  const used = columns.filter((column) => namesIn(template).includes(column));
  const cells = used.map((column) => [column, row[columns.indexOf(column)] ?? ''] as const);
  return cells.length === 1 ? (cells[0]?.[1] ?? '') : cells.map(([column, cell]) => `${column}: ${cell}`).join('\n');
}

function namesIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim());
}
