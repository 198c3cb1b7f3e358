import { extractJson } from '@rivulet/core';
import { repairJson } from '@rivulet/core/repair';
import { z } from 'zod';

const Invoice = z.object({ number: z.string(), total: z.number() });

export function invoiceIn(reply: string): string {
  const invoice = extractJson(reply, { schema: Invoice });
  if (invoice) return `${invoice.number}: ${invoice.total}`;

  const guess = extractJson(reply, { schema: Invoice, repair: repairJson });
  return guess ? `${guess.value.number}: ${guess.value.total}, to be checked` : 'There is no invoice in this.';
}
