import type { GenerateRequest } from '@rivulet/core';

/** A field that is asked for anew. */
export interface RefillContext<Name extends string, Input> {
  readonly name: Name;
  /** What is in the form now. */
  readonly values: unknown;
  /** What `refill` was given besides the name. */
  readonly instruction: string | undefined;
  /** What the last `fill` was given. */
  readonly input: Input | undefined;
}

/** What is left of the options is a part of the request. */
export function requestOf(options: Readonly<Record<string, unknown>>): GenerateRequest {
  const { form, schema, jsonSchema, client, request, refillRequest, ...others } = options;
  const { protect, validate, shouldDirty, atomic, toFormValue, ...calls } = others;
  const { keepAlive, onFinish, onError, retry, timeout, headers, ...rest } = calls;
  return rest;
}
