import type { BatchResult, Completion } from '@rivulet/core';
import Papa from 'papaparse';
import type { Asked } from './submission.ts';
import { stateOf } from './row-state.ts';
import { uniqueColumns } from './table.ts';
import { fillTemplate } from './template.ts';

type Results = readonly (BatchResult<Completion> | undefined)[];

/** A spreadsheet takes such a cell for a formula and would run what a model wrote. Also before a line break. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** All rows in their order, their cells first. */
export function toCsv({ table }: Asked, results: Results): string {
  const head = uniqueColumns([...table.columns, 'status', 'answer', 'error']);
  const rows = table.rows.map((row, index) => {
    const { label, text, reason } = stateOf(results[index], false, false);
    // What broke off is no answer: a column would pass it off as one.
    return [...row, label, reason ? '' : text, reason ? `${reason.title}. ${reason.message}` : ''];
  });
  // The mark at the start tells spreadsheets that it is UTF-8.
  return `\uFEFF${Papa.unparse([head, ...rows], { escapeFormulae: FORMULA })}\r\n`;
}

/** All rows in their order, each with its cells, its prompt and what came of it. */
export function toJson({ table, template }: Asked, results: Results): string {
  const rows = table.rows.map((row, index) => {
    const result = results[index];
    const { label, text, reason } = stateOf(result, false, false);
    return {
      number: index + 1,
      input: Object.fromEntries(table.columns.map((column, place) => [column, row[place] ?? ''])),
      prompt: fillTemplate(template, table.columns, row),
      status: label,
      ...(result?.status === 'fulfilled' && {
        answer: text,
        finishReason: result.value.finishReason,
        usage: result.value.usage,
      }),
      ...(reason && { error: `${reason.title}. ${reason.message}`, partial: text }),
    };
  });
  return `${JSON.stringify(rows, null, 2)}\n`;
}
