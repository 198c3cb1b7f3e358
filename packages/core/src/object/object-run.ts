import type { Completion } from '../types/completion.ts';
import type { ObjectIssue } from '../path/issue.ts';
import type { Path } from '../path/path.ts';
import type { GenerateRequest } from '../types/request.ts';
import type { Run, RunSnapshot } from '../run/run.ts';
import type { Store } from '../store/store.ts';
import type { DeepPartial } from './deep-partial.ts';
import type { FieldStatus } from '../path/status.ts';
import type { ObjectMode } from './strategy.ts';
import type { InferInput, InferOutput, StandardSchema } from '../types/standard-schema.ts';

/** How to ask for an object. */
export interface ObjectOptions {
  /**
   * The JSON Schema of what goes into the schema, for those that cannot tell it: from `@valibot/to-json-schema`, or
   * `z.toJSONSchema(schema, { io: 'input' })` of zod/mini. Default: the schema tells it (zod from 4.2 on, arktype).
   */
  readonly jsonSchema?: object | undefined;
  /** What the object is, for the model: letters, digits, `_` and `-`. Default `answer`. */
  readonly name?: string | undefined;
  /**
   * How the model is brought to answer with JSON. Default: `schema` if the provider has that, else `tool` if it has tools,
   * else `prompt`.
   */
  readonly mode?: ObjectMode | undefined;
  /** How often the model is asked again, with what was wrong, when its answer is no JSON or does not fit. Default 0. */
  readonly maxRepairs?: number | undefined;
}

/** A request for an object that holds to `schema`. */
export interface ObjectRequest<S extends StandardSchema = StandardSchema> extends GenerateRequest, ObjectOptions {
  readonly schema: S;
  readonly array?: undefined;
}

/** A request for a list whose elements hold to `array`. */
export interface ArrayRequest<S extends StandardSchema = StandardSchema> extends GenerateRequest, ObjectOptions {
  /** The schema of one element. */
  readonly array: S;
  readonly schema?: undefined;
}

/** A whole answer, whose object the schema has accepted: `object` is what it made of it. */
export interface ObjectCompletion<T> extends Completion {
  readonly object: T;
}

/** What the run shows, and the object. */
export interface ObjectSnapshot<T, Shown = DeepPartial<T>> extends RunSnapshot {
  /**
   * As much of the object as has come, as the model wrote it: unchecked, before transforms and defaults. What did not
   * change since the last snapshot is identical. `undefined` until something came.
   */
  readonly object: Shown | undefined;
  /** The object, once all of it came and the schema accepted it. */
  readonly final: T | undefined;
  /** What does not fit the schema; while it streams, only within what has closed. One of them is what was cut. */
  readonly issues: readonly ObjectIssue[];
  /** After a stop or a failure: the innermost value that had begun and not closed, so that all around it is not whole. */
  readonly cut: Path | undefined;
  /** How far the value at a path has come, in this snapshot: `['items', 0, 'name']`, `items.0.name` or `items[0].name`. */
  readonly fieldStatus: (path: Path | string) => FieldStatus;
}

/** An object being written. It runs whether anybody looks or not; looking late misses nothing. */
export interface ObjectRun<T, Shown = DeepPartial<T>, Item = never> extends Store<ObjectSnapshot<T, Shown>> {
  /** The run that brings the answer; after a repair, that of the last question. `undefined` until it is sent. */
  readonly run: Run | undefined;
  /** The object as it grows, at most once a frame. Throws what `result` rejects with. Leaving the loop stops nothing. */
  readonly partialStream: AsyncIterable<Shown>;
  /**
   * Of a list: each element once, when it closed and its schema accepted it; others are left out, and make `result`
   * reject. Throws what `result` rejects with. Leaving the loop stops nothing.
   */
  readonly elementStream: AsyncIterable<Item>;
  /**
   * Resolves when the JSON closed, the end of the answer was witnessed and the schema accepted it. Rejects with an
   * `LLMError` (`validation`, `truncated`, `refusal`, `parse` and those of every run) or an `AbortError`; `partial` has
   * the `object` so far and the `rawText`.
   */
  readonly result: Promise<ObjectCompletion<T>>;
  /** Stops the run at once. What came stays readable. Does nothing after the end. */
  abort(reason?: unknown): void;
}

/** The run of an object that holds to `S`, for the props of what shows it: `ObjectRunOf<typeof recipe>`. */
export type ObjectRunOf<S extends StandardSchema> = ObjectRun<InferOutput<S>, DeepPartial<InferInput<S>>>;
