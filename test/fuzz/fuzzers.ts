import { batches } from './batches.ts';
import { chats } from './chats.ts';
import { errors } from './errors.ts';
import { faults } from './faults.ts';
import type { Fuzzer } from './fuzzer.ts';
import { json } from './json.ts';
import { keptChats } from './kept-chats.ts';
import { markdownCosts } from './markdown-costs.ts';
import { markdown } from './markdown.ts';
import { redaction } from './redaction.ts';
import { regularExpressions } from './regular-expressions.ts';
import { schemas } from './schemas.ts';
import { thrownValues } from './thrown-values.ts';
import { wires } from './wires.ts';

/** All fuzzers. `pnpm fuzz` and the tests run each that is listed here. */
export const FUZZERS: readonly Fuzzer[] = [
  wires,
  errors,
  json,
  markdown,
  markdownCosts,
  schemas,
  thrownValues,
  redaction,
  regularExpressions,
  chats,
  keptChats,
  faults,
  batches,
];
