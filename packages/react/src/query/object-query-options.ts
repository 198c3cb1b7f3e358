import {
  requestKey,
  streamObject,
  type ArrayRequest,
  type DeepPartial,
  type GenerateRequest,
  type InferInput,
  type InferOutput,
  type LLMClient,
  type ObjectCompletion,
  type ObjectRequest,
  type ObjectRun,
  type StandardSchema,
} from '@rivulet/core';
import { queryOptions, type DataTag, type UnusedSkipTokenOptions } from '@tanstack/react-query';
import { finalOnly } from './query-defaults.ts';
import { attach } from './query-run.ts';
import type { RunError } from './run-error.ts';
import type { RunQueryConfig } from './run-query-config.ts';
import { schemaDigest } from './schema-digest.ts';

/** `['rivulet', 'object']` matches all objects, with `{ id }` added all answers to one request. */
export type ObjectQueryKey = readonly ['rivulet', 'object', { readonly id: string; readonly attempt: number }];

declare const partialType: unique symbol;

/** What an object is while it is being written: only for the compiler, absent at run time. */
export interface HasPartial<Partial> {
  readonly [partialType]?: Partial | undefined;
}

export type ObjectQueryOptions<T, Partial = DeepPartial<T>> = UnusedSkipTokenOptions<
  ObjectCompletion<T>,
  RunError,
  ObjectCompletion<T>,
  ObjectQueryKey
> &
  HasPartial<Partial> & { queryKey: DataTag<ObjectQueryKey, ObjectCompletion<T>, RunError> };

/** The same for a list, whose elements hold to `array`. */
export function objectQueryOptions<S extends StandardSchema>(
  client: LLMClient,
  request: ArrayRequest<S>,
  config?: RunQueryConfig,
): ObjectQueryOptions<InferOutput<S>[], DeepPartial<InferInput<S>[]>>;
/**
 * An object as server state, as `completionQueryOptions` has it for text: `data.object` is what the schema made of the
 * whole answer. The cache never has a part of it; `useObjectQuery` shows that.
 *
 * The digest in the key tells schemas apart by their JSON Schemas. Those that differ in something else (refinements, two
 * transforms of the same input) need an `id`, and those that have none need `jsonSchema` or an `id`. What goes through
 * JSON, to a page or into storage, must be fit for it: a `Date` is not.
 */
export function objectQueryOptions<S extends StandardSchema>(
  client: LLMClient,
  request: ObjectRequest<S>,
  config?: RunQueryConfig,
): ObjectQueryOptions<InferOutput<S>, DeepPartial<InferInput<S>>>;
export function objectQueryOptions<T, Partial>(
  client: LLMClient,
  request: ObjectRequest | ArrayRequest,
  config: RunQueryConfig = {},
): ObjectQueryOptions<T, Partial> {
  const { id = digest(client, request), attempt = 0, ...call } = config;
  // What the schema makes, which only the signatures above know.
  const open = (): ObjectRun<T, Partial> =>
    streamObject(client, request as ObjectRequest, call) as ObjectRun<never, never>;
  return queryOptions<ObjectCompletion<T>, RunError, ObjectCompletion<T>, ObjectQueryKey>({
    queryKey: ['rivulet', 'object', { id, attempt }],
    queryFn: (context) => attach(context, open),
    ...finalOnly(),
  });
}

function digest(client: LLMClient, { schema, array, ...request }: ObjectRequest | ArrayRequest): string {
  const asked: GenerateRequest & Record<string, unknown> = {
    ...request,
    schema: schema && schemaDigest(schema),
    array: array && schemaDigest(array),
  };
  return requestKey(client, asked);
}
