'use client';

import {
  LLMError,
  preloadObjects,
  streamObject,
  type ArrayRequest,
  type CallOptions,
  type DeepPartial,
  type GenerateRequest,
  type InferInput,
  type InferOutput,
  type LLMClient,
  type ObjectCompletion,
  type ObjectOptions,
  type ObjectRequest,
  type ObjectRun,
  type ObjectSnapshot,
  type StandardSchema,
} from '@rivulet/core';
import { useEffect, useMemo, useState } from 'react';
import { useLLMClient } from './client-context.tsx';
import { createSlot } from '../internal/run-slot.ts';
import { invokeSafely } from '../internal/invoke-safely.ts';
import { readRequest } from '../internal/read-request.ts';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest } from '../internal/use-latest.ts';
import { useStore } from '../internal/use-store.ts';

/** What the object is, the fields of a request without its prompt, how to call, and what is listed here. */
export interface UseObjectOptions<T, Input>
  extends ObjectOptions, Omit<GenerateRequest, 'prompt'>, Omit<CallOptions, 'signal'> {
  /** Default: the client of the nearest `LLMClientProvider`. */
  readonly client?: LLMClient | undefined;
  /**
   * Makes the prompt, or a whole request, of what `submit` is given. Its fields come before those of the options. Default:
   * `submit` is given it as it is.
   */
  readonly request?: ((input: Input) => string | GenerateRequest) | undefined;
  /**
   * Whether the run goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Called once for each object that came whole and fits its schema. Not after `stop`, `clear`, a later `submit` or the
   * unmount.
   */
  readonly onFinish?: ((completion: ObjectCompletion<T>, input: Input) => void) | undefined;
  /** Called once for each run that fails. Not after `stop`, `clear`, a later `submit` or the unmount. */
  readonly onError?: ((error: LLMError, input: Input) => void) | undefined;
}

export interface UseObjectResult<T, Shown, Item, Input> extends ObjectSnapshot<T, Shown> {
  /**
   * Asks for an object, and aborts the run before. Resolves to the object as the schema made it, or to `null` when it was
   * stopped or failed: `error` says why. Rejects only with what `request` throws.
   */
  readonly submit: (input: Input) => Promise<T | null>;
  /** Ends the run. What came stays, `status` is `ready`, `finishReason` is `aborted`. */
  readonly stop: () => void;
  /** Ends the run and goes back to the state before the first one. */
  readonly clear: () => void;
  /** The run that is shown, for `useObjectField` and for its streams. */
  readonly run: ObjectRun<T, Shown, Item> | undefined;
  /** Whether a run is under way: `status` is `submitted` or `streaming`. */
  readonly isLoading: boolean;
}

type Snapshot = ObjectSnapshot<unknown, unknown>;
type Run = ObjectRun<unknown, unknown, unknown>;

/** The same for a list, whose elements hold to `array`. */
export function useObject<S extends StandardSchema, Input = string | GenerateRequest>(
  options: UseObjectOptions<InferOutput<S>[], Input> & { readonly array: S; readonly schema?: undefined },
): UseObjectResult<InferOutput<S>[], DeepPartial<InferInput<S>[]>, InferOutput<S>, Input>;
/**
 * An object that fills itself. Renders at most once a frame, and what did not change in `object` keeps its identity.
 * Nothing is sent before `submit`. The functions keep their identity, but for `fieldStatus`, which tells of what is shown;
 * callbacks and options are those of the latest render.
 *
 * ```tsx
 * const { object, final, submit } = useObject({ schema: recipe, request: (dish: string) => `A recipe for ${dish}` });
 * ```
 *
 * The run is aborted one macrotask after the unmount, unless the component is attached again by then (StrictMode).
 * @throws {Error} without a client: neither a provider nor `options.client`.
 */
export function useObject<S extends StandardSchema, Input = string | GenerateRequest>(
  options: UseObjectOptions<InferOutput<S>, Input> & { readonly schema: S; readonly array?: undefined },
): UseObjectResult<InferOutput<S>, DeepPartial<InferInput<S>>, never, Input>;
export function useObject(
  options: UseObjectOptions<never, never> & Pick<ObjectRequest | ArrayRequest, 'schema' | 'array'>,
): UseObjectResult<unknown, unknown, unknown, never> {
  const client = useLLMClient(options.client);
  const [slot] = useState(() =>
    createSlot<Snapshot, ObjectCompletion<unknown>, Run>({
      object: undefined,
      final: undefined,
      issues: [],
      cut: undefined,
      fieldStatus: () => 'absent',
    }),
  );
  const latest = useLatest({ client, options });
  useKeepAlive(slot, options.keepAlive);
  useEffect(preloadObjects, []);

  const actions = useMemo(
    () => ({
      async submit(input: never): Promise<unknown> {
        const now = latest.current;
        if (!now) return null;
        const {
          client: _,
          request,
          onFinish: __,
          onError: ___,
          keepAlive: ____,
          retry,
          timeout,
          headers,
          ...fields
        } = now.options;
        const asked: unknown = request ? request(input) : input;
        let question: GenerateRequest;
        try {
          question = readRequest(asked, request ? 'What `request` returns' : 'What `submit` is called with');
        } catch (cause) {
          if (!(cause instanceof LLMError)) throw cause;
          const error = cause;
          slot.fail(error);
          invokeSafely(() => latest.current?.options.onError?.(error, input));
          return null;
        }
        const { result } = slot.start(
          () => {
            const run: Run = streamObject(now.client, { ...fields, ...question } as ArrayRequest, {
              retry,
              timeout,
              headers,
            });
            return { run, isOwn: true, abort: run.abort };
          },
          (completion) => latest.current?.options.onFinish?.(completion as ObjectCompletion<never>, input),
          (error) => latest.current?.options.onError?.(error, input),
        );
        return result.then(
          ({ object }) => object,
          () => null,
        );
      },
      stop: slot.stop,
      clear: slot.reset,
    }),
    [slot, latest],
  );

  const snapshot = useStore(slot);
  const { status } = snapshot;
  return { ...snapshot, ...actions, run: slot.current(), isLoading: status === 'submitted' || status === 'streaming' };
}
