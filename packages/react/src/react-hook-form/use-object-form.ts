'use client';

import {
  LLMError,
  preloadObjects,
  streamObject,
  type CallOptions,
  type DeepPartial,
  type GenerateRequest,
  type InferInput,
  type InferOutput,
  type LLMClient,
  type ObjectCompletion,
  type ObjectOptions,
  type ObjectRun,
  type RunSnapshot,
  type StandardSchema,
} from '@rivulet/core';
import { useEffect, useMemo, useState } from 'react';
import type { FieldPath, FieldValues, UseFormReturn } from 'react-hook-form';
import { useLLMClient } from '../hooks/client-context.tsx';
import { invokeSafely } from '../internal/invoke-safely.ts';
import { readRequest } from '../internal/read-request.ts';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest } from '../internal/use-latest.ts';
import { useStore } from '../internal/use-store.ts';
import { fieldSchema, refillQuestion } from './field-request.ts';
import { fieldsOf } from './field-schema.ts';
import { rulesOf } from './fill-rules.ts';
import { createFormFill } from './form-fill.ts';
import { withFill, type FormFilling } from './form-filling.ts';
import { requestOf, type RefillContext } from './form-request.ts';
import type { AnyRun } from './field-tree.ts';
import type { Suggestion } from './suggestions.ts';

/** What the schema accepts, as the values of a form. */
export type FormInput<S extends StandardSchema> = Extract<InferInput<S>, FieldValues>;

/** The names of the fields that the schema has, as react-hook-form writes them: `vendor`, `items.0.price`. */
export type FormPath<S extends StandardSchema> = FieldPath<FormInput<S>>;

/** What fills the form, the fields of a request without its prompt, how to call, and what is listed here. */
export interface UseObjectFormOptions<S extends StandardSchema, Values extends FieldValues, Context, Transformed, Input>
  extends Omit<ObjectOptions, 'maxRepairs'>, Omit<GenerateRequest, 'prompt'>, Omit<CallOptions, 'signal'> {
  /** What `useForm` gives. It has to have the fields of the schema, and may have more. */
  readonly form: UseFormReturn<Values, Context, Transformed> &
    (FormPath<S> extends FieldPath<Values> ? unknown : 'The form lacks fields of the schema');
  /** The schema of what the model is asked for. */
  readonly schema: S;
  /** Default: the client of the nearest `LLMClientProvider`. */
  readonly client?: LLMClient | undefined;
  /** Makes the prompt, or a whole request, of what `fill` is given. Default: `fill` is given it as it is. */
  readonly request?: ((input: Input) => string | GenerateRequest) | undefined;
  /** Makes the question for one field. Default: the request of the last `fill`, the values of the form, and the name. */
  readonly refillRequest?: ((context: RefillContext<FormPath<S>, Input>) => string | GenerateRequest) | undefined;
  /**
   * Which fields are the user's: those that were `touched` before the model came to them (changed, or left), or only
   * those that were `edited`. Default `touched`.
   */
  readonly protect?: 'touched' | 'edited' | undefined;
  /** Whether a field is validated when it closes, by the form and by the schema. Default true. */
  readonly validate?: boolean | undefined;
  /**
   * Whether what is written counts as a change of the form: `isDirty`, `dirtyFields`, and values that stay when new ones
   * come with `keepDirtyValues`. Fields are never marked as touched. `undo` restores the marks.
   * @default true
   */
  readonly shouldDirty?: boolean | undefined;
  /**
   * Whether what is under way goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Which values are written only when they are complete, as a whole: those of own components that take no half text, or
   * an object. Native selects, fields for numbers and dates, lists without `useObjectFieldArray`, and what the schema
   * says is an enum or a date, need not be told.
   */
  readonly atomic?: ((name: FormPath<S>) => boolean) | undefined;
  /** Makes what the form holds of what the model wrote, such as a `Date` of a text. Default: it is the same. */
  readonly toFormValue?: ((value: unknown, name: FormPath<S>) => unknown) | undefined;
  /** Called once for each fill that came whole and fits the schema. Not after `stop`, `undo`, a later one or the unmount. */
  readonly onFinish?: ((completion: ObjectCompletion<InferOutput<S>>, input: Input) => void) | undefined;
  /** Called once for each fill that fails, and for each field asked for anew that does. */
  readonly onError?: ((error: LLMError) => void) | undefined;
}

export interface UseObjectFormResult<S extends StandardSchema, Input>
  extends Pick<RunSnapshot, 'status' | 'finishReason' | 'error' | 'retry'>, FormFilling<FormPath<S>> {
  /**
   * Asks for an object and writes it into the form, and aborts what was under way. Resolves to the object as the schema
   * made it, or to `null` when it was stopped or failed: `error` says why. What had come until then stays in the form.
   * A reset of the form, and code that replaces or removes what was written, ends it too: then nothing more is written, it
   * resolves to `null`, and `finishReason` is `aborted`.
   */
  readonly fill: (input: Input) => Promise<InferOutput<S> | null>;
  /** Writes a run of somebody else's into the form. It is not aborted with the hook. */
  readonly fillFrom: <P>(run: ObjectRun<InferOutput<S>, P>) => void;
  /** Ends all that is under way. What came stays. */
  readonly stop: () => void;
  /**
   * Takes back the last fill, or the last field asked for anew, in one step; stops it if it is under way. What the user
   * edited since stays.
   */
  readonly undo: () => void;
  readonly canUndo: boolean;
  /** Whether anything is under way. */
  readonly isFilling: boolean;
  /** The names of the fields that were asked for anew and have not come yet. */
  readonly refilling: readonly FormPath<S>[];
  /** The values of the model for fields that are the user's. */
  readonly suggestions: readonly Suggestion<FormPath<S>>[];
  /** The object of the last fill, once all of it came and the schema accepted it. */
  readonly final: InferOutput<S> | undefined;
  /** The run of the last fill, for `useObjectField` and its streams. */
  readonly run: ObjectRun<InferOutput<S>, DeepPartial<InferInput<S>>> | undefined;
  /** For `useObjectFormField` and `useObjectFieldArray`. */
  readonly filling: FormFilling<FormPath<S>>;
}

/**
 * Fills a form of react-hook-form while the model writes. Texts type themselves in; numbers, dates, choices and the like
 * are written when they are complete; lists grow item by item (`useObjectFieldArray`). What the user has written is never
 * overwritten: there the value of the model is a suggestion.
 *
 * The component renders when the state of the fill changes, and not for each token: show single fields with
 * `useObjectFormField`. The form has to stay the same one. Nothing is sent before `fill`.
 *
 * ```tsx
 * const form = useForm<Invoice>({ defaultValues });
 * const { fill, undo, filling } = useObjectForm({ form, schema: invoice, request: (mail: string) => `Read this: ${mail}` });
 * ```
 *
 * What it started is aborted one macrotask after the unmount, unless it is attached again by then (StrictMode).
 * @throws {Error} without a client: neither a provider nor `options.client`.
 */
export function useObjectForm<
  S extends StandardSchema,
  Values extends FieldValues,
  Context,
  Transformed,
  Input = string | GenerateRequest,
>(options: UseObjectFormOptions<S, Values, Context, Transformed, Input>): UseObjectFormResult<S, Input> {
  type Name = FormPath<S>;
  const client = useLLMClient(options.client);
  const latest = useLatest({ client, options });
  const [form] = useState(() => options.form as unknown as UseFormReturn);
  const { schema, jsonSchema } = options;
  const has = useMemo(() => fieldsOf(schema, jsonSchema), [schema, jsonSchema]);
  const latestHas = useLatest(has);
  useEffect(preloadObjects, []);
  const [fill] = useState(() => createFormFill(form, () => rulesOf(latest.current?.options, latestHas.current)));

  const actions = useMemo(() => {
    let filledWith: Input | undefined;
    let shown: object | undefined;

    function tellOfError(run: AnyRun): void {
      const { error } = run.getSnapshot();
      if (error && !fill.isInterrupted(run)) invokeSafely(() => latest.current?.options.onError?.(error));
    }

    function ask(
      asked: unknown,
      target: { readonly schema: StandardSchema; readonly jsonSchema: object | undefined },
    ): AnyRun | undefined {
      const now = latest.current;
      if (!now) return undefined;
      const { retry, timeout, headers } = now.options;
      const request = {
        ...requestOf({ ...now.options }),
        ...readRequest(asked, 'What the form is filled with'),
        ...target,
      };
      const run: AnyRun = streamObject(now.client, request, { retry, timeout, headers });
      return run;
    }

    const filling: FormFilling<Name> = {
      accept: fill.accept,
      dismiss: fill.dismiss,
      async refill(name, instruction) {
        const now = latest.current?.options;
        if (!now) return false;
        const values: unknown = form.getValues();
        const { key, ...target } = fieldSchema(now.schema, now.jsonSchema, name, values);
        const context = { name, values, instruction, input: filledWith };
        const run = ask(now.refillRequest?.(context) ?? refillQuestion(context, now.request), target);
        if (!run) return false;
        fill.refill(run, key, name);
        return run.result.then(
          () => true,
          () => {
            tellOfError(run);
            return false;
          },
        );
      },
    };

    return {
      ...filling,
      filling: withFill(filling, fill),
      async fill(input: Input): Promise<InferOutput<S> | null> {
        const now = latest.current?.options;
        if (!now) return null;
        filledWith = input;
        const asked: unknown = now.request ? now.request(input) : input;
        let run: AnyRun | undefined;
        try {
          run = ask(asked, { schema: now.schema, jsonSchema: now.jsonSchema });
        } catch (cause) {
          if (!(cause instanceof LLMError)) throw cause;
          const error = cause;
          shown = undefined;
          fill.fail(error);
          invokeSafely(() => latest.current?.options.onError?.(error));
        }
        if (!run) return null;
        shown = run;
        fill.fill(run, true);
        return run.result.then(
          (completion) => {
            const finished = completion as ObjectCompletion<InferOutput<S>>;
            if (fill.isInterrupted(run)) return null;
            if (shown === run) invokeSafely(() => latest.current?.options.onFinish?.(finished, input));
            return finished.object;
          },
          () => {
            if (shown === run) tellOfError(run);
            return null;
          },
        );
      },
      fillFrom(run: ObjectRun<InferOutput<S>, unknown>): void {
        filledWith = undefined;
        shown = run;
        fill.fill(run, false);
      },
      stop: fill.stop,
      undo: fill.undo,
    };
  }, [fill, form, latest]);

  useKeepAlive(fill, options.keepAlive);
  const snapshot = useStore(fill);
  const { status, refilling } = snapshot;
  return {
    ...snapshot,
    ...actions,
    isFilling: status === 'submitted' || status === 'streaming' || refilling.length > 0,
  } as UseObjectFormResult<S, Input>;
}
