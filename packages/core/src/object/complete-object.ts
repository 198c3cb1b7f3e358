import type { LLMClient } from '../client/client.ts';
import type { CallOptions } from '../types/request.ts';
import type { ArrayRequest, ObjectCompletion, ObjectRequest } from './object-run.ts';
import type { InferOutput, StandardSchema } from '../types/standard-schema.ts';
import { streamObject } from './stream-object.ts';

/** The same for a list, whose elements hold to `array`. */
export function completeObject<S extends StandardSchema>(
  client: LLMClient,
  request: ArrayRequest<S>,
  options?: CallOptions,
): Promise<ObjectCompletion<InferOutput<S>[]>>;
/**
 * The whole object: `streamObject` read to its end.
 * @throws {LLMError} (as a rejection) for every failure, `AbortError` when stopped; both with `partial`.
 */
export function completeObject<S extends StandardSchema>(
  client: LLMClient,
  request: ObjectRequest<S>,
  options?: CallOptions,
): Promise<ObjectCompletion<InferOutput<S>>>;
export function completeObject(
  client: LLMClient,
  request: ObjectRequest | ArrayRequest,
  options?: CallOptions,
): Promise<ObjectCompletion<unknown>> {
  return streamObject(client, request as ObjectRequest, options).result;
}
