import type { StandardSchema } from '@rivulet/core';
import type { Mode } from '../../../shared/llm-endpoint.ts';
import type { Draft } from './draft.ts';
import type { Ending } from './failure-prompts.ts';

/** What was sent. */
export interface Asked {
  /** Counts up; a new one for each sending, also of the same. */
  id: number;
  draft: Draft;
  ending: Ending;
  schema: StandardSchema;
  /** What `schema` was made of. */
  jsonSchema: object;
  /** Of the provider that was asked. */
  mode: Mode;
}
