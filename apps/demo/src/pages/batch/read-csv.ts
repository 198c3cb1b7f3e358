import Papa from 'papaparse';
import { uniqueColumns, type Table } from './table.ts';

const MAX_BYTES = 20_000_000;

/**
 * Reads a file of comma, semicolon or tab separated values, whose first row names the columns.
 * @throws {Error} that says in a sentence why the file is of no use.
 */
export async function readCsv(file: File): Promise<Table> {
  if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than ${MAX_BYTES / 1e6} MB.`);
  return parseCsv(decode(await file.arrayBuffer()), file.name);
}

function parseCsv(text: string, name: string): Table {
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: 'greedy' });
  const unclosed = errors.find(({ type }) => type === 'Quotes');
  if (unclosed) throw new Error(`${name} cannot be read: a quote in row ${(unclosed.row ?? 0) + 1} is not closed.`);
  const [head = [], ...body] = data;
  if (head.length === 0) throw new Error(`${name} is empty.`);
  if (body.length === 0) throw new Error(`${name} has no row below its first, which names the columns.`);
  // A row may have more cells than there are names: they get names of their own, rather than be dropped.
  const width = body.reduce((most, row) => Math.max(most, row.length), head.length);
  const padded = (row: readonly string[]): string[] => Array.from({ length: width }, (_, index) => row[index] ?? '');
  return { name, columns: uniqueColumns(padded(head)), rows: body.map(padded) };
}

/** Spreadsheets still save in the code page of old: what is not UTF-8 is taken for it. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
