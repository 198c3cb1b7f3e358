import type { LLMClient } from '../client.ts';
import type { PartialCompletion } from '../completion.ts';
import { AbortError, isAbortError, LLMError } from '../error.ts';
import type { StreamEvent } from '../event.ts';
import type { ObjectIssue } from '../issue.ts';
import { IncrementalJsonParser } from '../json/incremental-json-parser.ts';
import type { Path } from '../json/path.ts';
import type { CallOptions, GenerateRequest } from '../request.ts';
import { abortable } from '../run/abortable.ts';
import { createReaders } from '../run/readers.ts';
import type { Run, RunSnapshot, RunStatus } from '../run/run.ts';
import { createPacedStore } from '../store.ts';
import type { DeepPartial } from './deep-partial.ts';
import { isClosed, statusAt, toIssue, valueAt } from './field.ts';
import type { ArrayRequest, ObjectCompletion, ObjectRequest, ObjectRun, ObjectSnapshot } from './object-run.ts';
import type { Plan } from './schema/plan.ts';
import type { InferInput, InferOutput, SchemaResult, StandardSchema } from './standard-schema.ts';

/** What had been received before anything was asked. */
const NOTHING: PartialCompletion = {
  message: { id: '', role: 'assistant', parts: [] },
  text: '',
  reasoning: '',
  toolCalls: [],
  sources: [],
};

/** Synchronous or not, without throwing. */
async function validate(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  return schema['~standard'].validate(value);
}

/**
 * Asks for an object and shows it while it is written.
 *
 * ```ts
 * const { partialStream, result } = streamObject(client, { prompt: 'A recipe for borscht', schema: recipe });
 * for await (const partial of partialStream) show(partial.title);
 * const { object } = await result;
 * ```
 *
 * Throws nothing: failures are the run's.
 */
export function streamObject<S extends StandardSchema>(
  client: LLMClient,
  request: ObjectRequest<S>,
  options?: CallOptions,
): ObjectRun<InferOutput<S>, DeepPartial<InferInput<S>>>;
export function streamObject<S extends StandardSchema>(
  client: LLMClient,
  request: ArrayRequest<S>,
  options?: CallOptions,
): ObjectRun<InferOutput<S>[], DeepPartial<InferInput<S>[]>, InferOutput<S>>;
export function streamObject(
  client: LLMClient,
  { schema, array, jsonSchema, name, mode, maxRepairs = 0, ...request }: ObjectRequest | ArrayRequest,
  options: CallOptions = {},
): ObjectRun<unknown, unknown, unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const { name: provider } = client.config.provider;
  let run: Run | undefined;
  let plan: Plan;
  let parser: IncrementalJsonParser | undefined;
  let rawText = '';
  let toolIndex: number | undefined;
  /** The innermost value that has begun and not closed, `undefined` when all is; and the one of the object shown. */
  let open: Path | undefined;
  let shownOpen: Path | undefined;
  /** What closed last: a snapshot without it is older. */
  let closed: { readonly path: Path; readonly value: unknown } | undefined;
  let isToCheck = false;
  let isAsync = false;
  let checks: Promise<SchemaResult<unknown>>[] = [];
  /** Elements are given one after the other, however long their checks take. */
  let given: Promise<void> = Promise.resolve();
  const elements: unknown[] = [];
  const readers = createReaders(() => [...elements]);
  let issues: readonly ObjectIssue[] = [];
  let object: unknown;
  let final: unknown;
  let failure: LLMError | undefined;
  /** Set when it is over. */
  let status: RunStatus | undefined;
  let isStopped = false;

  const store = createPacedStore<ObjectSnapshot<unknown, unknown>>(() => {
    look();
    const snapshot: RunSnapshot = run?.getSnapshot() ?? { ...NOTHING, id: '', status: 'submitted' };
    const [shown, innermost, found] = [object, shownOpen, issues];
    return {
      ...snapshot,
      status: status ?? (snapshot.status === 'submitted' ? 'submitted' : 'streaming'),
      finishReason: isStopped ? 'aborted' : status === 'ready' ? snapshot.finishReason : undefined,
      error: failure,
      object,
      final,
      issues,
      fieldStatus: (path) => statusAt(shown, innermost, found, path),
    };
  });

  /** Brings what is shown up to what was read. */
  function look(): void {
    const written = parser?.snapshot();
    if (written === undefined || status) return;
    object = plan.read(written);
    if (!closed || Object.is(valueAt(written, closed.path), closed.value)) shownOpen = open;
    if (!isToCheck || !schema || isAsync) return;
    isToCheck = false;
    try {
      const found = schema['~standard'].validate(object);
      isAsync = 'then' in found;
      if ('then' in found) found.catch(() => undefined);
      else
        issues = (found.issues ?? [])
          .map((issue) => toIssue(issue))
          .filter((issue) => isClosed(object, shownOpen, issue));
    } catch {
      // A transform may not be made for half an object. What it makes of the whole one counts.
    }
  }

  /** What an event adds to what the model writes for the object. */
  function deltaOf(event: StreamEvent): string {
    if (!plan.tool) return event.type === 'text' ? event.delta : '';
    if (event.type === 'tool-call-start' && event.name === plan.tool) toolIndex ??= event.index;
    if (event.type === 'tool-call-delta' && event.index === toolIndex) return event.delta;
    // No arguments are `{}`.
    if (event.type === 'tool-call' && event.toolCall.name === plan.tool && event.index === (toolIndex ??= event.index))
      return (event.toolCall.rawInput || '{}').slice(rawText.length);
    return '';
  }

  /** A path in what the model writes, as one in the object. */
  function pathInside(path: Path): Path | undefined {
    const { inside } = plan;
    if (inside === undefined) return path;
    return path[0] === inside ? path.slice(1) : undefined;
  }

  function onComplete(path: Path, value: unknown): void {
    closed = { path, value };
    isToCheck = true;
    const own = pathInside(path);
    if (!own) return;
    open = own.length > 0 ? own.slice(0, -1) : undefined;
    const [index] = own;
    if (array && own.length === 1 && typeof index === 'number') onElement(index, array, value);
  }

  function onElement(index: number, element: StandardSchema, value: unknown): void {
    const list = [value];
    const { inside } = plan;
    const [restored] = plan.read(inside ? { [inside]: list } : list) as unknown[];
    const check = validate(element, restored);
    checks[index] = check;
    given = give(given, check, index);
  }

  async function give(before: Promise<void>, check: Promise<SchemaResult<unknown>>, index: number): Promise<void> {
    await before;
    // A validator that throws fails the whole, in the end.
    const result = await check.catch(() => undefined);
    if (!result || index in elements) return;
    if (result.issues) {
      issues = [...issues, ...result.issues.map((issue) => toIssue(issue, [index]))];
      store.invalidate();
    } else {
      elements[index] = result.value;
      readers.push(result.value);
    }
  }

  /** One question and its answer. */
  async function ask(asked: GenerateRequest): Promise<ObjectCompletion<unknown>> {
    await given;
    rawText = '';
    toolIndex = closed = undefined;
    checks = [];
    issues = [];
    open = [];
    const own = client.stream(asked, { ...options, signal });
    run = own;
    const { skipProse, atomic } = plan;
    const reader = new IncrementalJsonParser({
      skipProse,
      onComplete,
      atomic(path) {
        open = pathInside(path) ?? open;
        return atomic(path);
      },
    });
    parser = reader;
    own.subscribe(store.invalidate);
    for await (const event of own) {
      const delta = deltaOf(event);
      if (!delta) continue;
      rawText += delta;
      try {
        reader.push(delta);
      } catch (error) {
        own.abort();
        throw error;
      }
      if (object === undefined && reader.snapshot() !== undefined) store.flush();
      else store.invalidate();
    }

    const completion = await own.result;
    plan.checkAnswer(completion, rawText);
    reader.end();
    look();
    const results = await Promise.all(schema ? [validate(schema, object)] : checks);
    await given;
    const found = results.flatMap((result, index) =>
      (result.issues ?? []).map((issue) => toIssue(issue, array && [index])),
    );
    if (array && !Array.isArray(object)) found.push({ path: [], message: 'Not a list' });
    issues = found;
    plan.checkIssues(found);
    const values = results.map((result) => (result as { value: unknown }).value);
    return { ...completion, object: array ? values : values[0] };
  }

  async function execute(): Promise<ObjectCompletion<unknown>> {
    const { planObject } = await import('./schema/plan.ts').catch((cause: unknown) => {
      throw new LLMError('The part that asks for objects could not be loaded', { code: 'network', cause });
    });
    plan = planObject(client.config, request, {
      schema: array ?? schema,
      isArray: !!array,
      jsonSchema,
      name,
      mode,
    });
    let asked = plan.request;
    for (let repairs = 0; ; repairs += 1) {
      try {
        return await ask(asked);
      } catch (error) {
        const { code } = error as LLMError;
        // What the run itself fails with is not of the model's making.
        if (repairs >= maxRepairs || run?.getSnapshot().error || !/^(validation|parse)$/.test(code)) throw error;
        asked = plan.again(rawText, (error as Error).message, code === 'parse' ? [] : issues);
      }
    }
  }

  function succeed(completion: ObjectCompletion<unknown>): ObjectCompletion<unknown> {
    signal.throwIfAborted();
    final = completion.object;
    status = 'ready';
    readers.end();
    store.flush();
    return completion;
  }

  async function fail(thrown: unknown): Promise<never> {
    const received = await run?.result.catch((error: unknown) => (error as LLMError).partial);
    look();
    isStopped ||= isAbortError(thrown);
    const error = thrown instanceof AbortError || !isStopped ? toFailure(thrown) : new AbortError(signal.reason);
    error.partial = { ...NOTHING, ...received, object, rawText };
    if (error instanceof LLMError) {
      error.provider ??= provider;
      failure = error;
    }
    status = isStopped ? 'ready' : 'error';
    readers.end(error);
    store.flush();
    throw error;
  }

  function abort(reason?: unknown): void {
    if (status) return;
    look();
    isStopped = true;
    status = 'ready';
    controller.abort(reason);
    store.flush();
  }

  const { signal: outer } = options;
  const onAbort = (): void => abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { signal });
  const result = abortable(execute(), signal)
    .then(succeed)
    .catch(fail)
    .finally(() => controller.abort());
  // Somebody who only looks at snapshots never asks for the result.
  result.catch(() => undefined);

  async function* partials(): AsyncGenerator {
    let last: unknown;
    for (;;) {
      const isLast = !!status;
      const { object: next } = store.getSnapshot();
      if (next !== undefined && next !== last) yield (last = next);
      else if (isLast) return void (await result);
      else
        await new Promise<void>((resolve) => {
          const stop = store.subscribe(() => {
            stop();
            resolve();
          });
        });
    }
  }

  return {
    get run() {
      return run;
    },
    result,
    abort,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    partialStream: { [Symbol.asyncIterator]: partials },
    elementStream: readers.iterable((element) => element),
  };
}

function toFailure(thrown: unknown): LLMError | AbortError {
  return thrown instanceof LLMError || thrown instanceof AbortError
    ? thrown
    : new LLMError(`Failed: ${String(thrown)}`, { code: 'unknown', cause: thrown });
}
