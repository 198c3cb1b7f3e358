import type { GenerateRequest, StandardSchema } from '@rivulet/core';
import { useObject, type UseObjectResult } from '@rivulet/react';
import type { Asked } from './submission.ts';

export type AnyObject = UseObjectResult<unknown, unknown, unknown, string | GenerateRequest>;

/** Of what there is before anything was asked for. */
const ANYTHING: StandardSchema = {
  '~standard': { version: 1, vendor: 'demo', validate: (value) => ({ value }) },
};

/** `useObject` for a schema that is not known before the page runs: it may be that of a list's elements. */
export function useAnyObject(asked: Asked | null, maxRepairs: number): AnyObject {
  const schema = asked?.schema ?? ANYTHING;
  const options = { jsonSchema: asked?.jsonSchema, maxRepairs };
  const shape = asked?.draft.isList ? { array: schema } : { schema };
  // One call of one hook, whichever it is.
  return useObject({ ...options, ...shape } as typeof options & { schema: StandardSchema }) as AnyObject;
}
