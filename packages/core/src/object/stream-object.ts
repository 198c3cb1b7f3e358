import { isAbortSignal } from '../errors/check-options.ts';
import type { LLMClient } from '../client/client.ts';
import type { PartialCompletion } from '../types/completion.ts';
import { AbortError, addStart, toFailure, type LLMError } from '../errors/error.ts';
import type { ObjectIssue } from '../path/issue.ts';
import { requestChunk } from '../client/request-chunk.ts';
import { record } from '../utils/read-value.ts';
import type { CallOptions, GenerateRequest } from '../types/request.ts';
import { abortable } from '../utils/abortable.ts';
import { onAbort } from '../utils/on-abort.ts';
import type { Run, RunSnapshot, RunStatus } from '../run/run.ts';
import { snapshotRequest } from '../client/snapshot-request.ts';
import { createPacedStore } from '../store/store.ts';
import { isInstance, thrownMessage, thrownProperty } from '../errors/thrown.ts';
import type { DeepPartial } from './deep-partial.ts';
import { chooseDocument } from './choose-document.ts';
import { createElements } from './element-stream.ts';
import { statusAt } from '../path/status.ts';
import { planChunk } from './strategy-chunk.ts';
import type { ObjectReading, ObjectView } from './object-reader.ts';
import type { ArrayRequest, ObjectCompletion, ObjectRequest, ObjectRun, ObjectSnapshot } from './object-run.ts';
import { partialsOf } from './partial-stream.ts';
import type { Plan } from './strategy.ts';
import type { InferInput, InferOutput, StandardSchema } from '../types/standard-schema.ts';

/** What had been received before anything was asked. */
const NOTHING: PartialCompletion = {
  message: { id: '', role: 'assistant', parts: [] },
  text: '',
  reasoning: '',
  toolCalls: [],
  sources: [],
};

/** The same for a list, whose elements hold to `array`. */
export function streamObject<S extends StandardSchema>(
  client: LLMClient,
  request: ArrayRequest<S>,
  options?: CallOptions,
): ObjectRun<InferOutput<S>[], DeepPartial<InferInput<S>[]>, InferOutput<S>>;
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
export function streamObject(
  client: LLMClient,
  objectRequest: ObjectRequest | ArrayRequest,
  options: CallOptions = {},
): ObjectRun<unknown, unknown, unknown> {
  // JavaScript may pass anything, which the run rejects.
  const given: Partial<ObjectRequest | ArrayRequest> = record(objectRequest) ?? {};
  const { schema, array, jsonSchema, name, mode, maxRepairs = 0, ...asGiven } = given;
  const request = snapshotRequest(asGiven);
  const controller = new AbortController();
  const { signal } = controller;
  const start = new Error();
  let run: Run | undefined;
  let reading: ObjectReading | undefined;
  /** Whether more may come: then what is shown follows it. */
  let isReading = false;
  let view: ObjectView = { object: undefined, open: [], issues: [] };
  /** What the model wrote before it was asked again. */
  let rawText = '';
  let final: unknown;
  let failure: LLMError | undefined;
  /** Set when it is over. */
  let status: RunStatus | undefined;
  let isStopped = false;

  /** What is wrong with the elements of the answer that is read. */
  let refused: readonly ObjectIssue[] = [];

  const elements = createElements((found) => {
    refused = [...refused, ...found];
    view = { ...view, issues: refused };
    store.invalidate();
  });

  const store = createPacedStore<ObjectSnapshot<unknown, unknown>>(() => {
    look();
    const snapshot: RunSnapshot = run?.getSnapshot() ?? { ...NOTHING, id: '', status: 'submitted' };
    const { object, open } = view;
    // Nothing more comes: what has not closed by now never will.
    const cut = status && object !== undefined ? open : undefined;
    const issues = cut ? [...view.issues, { path: cut, message: 'Not complete' }] : view.issues;
    return {
      ...snapshot,
      status: status ?? (snapshot.status === 'submitted' ? 'submitted' : 'streaming'),
      finishReason: isStopped ? 'aborted' : status === 'ready' ? snapshot.finishReason : undefined,
      error: failure,
      object,
      final,
      issues,
      cut,
      fieldStatus: (path) => statusAt(object, status ? undefined : open, issues, path),
    };
  });

  /** Brings what is shown up to what was read. */
  function look(): void {
    const seen = isReading && !status && reading?.look();
    // Of a list, the elements are checked, and not the whole.
    if (seen) view = array ? { ...seen, issues: refused } : seen;
  }

  /** One question and its answer. */
  async function ask(plan: Plan, asked: GenerateRequest): Promise<ObjectCompletion<unknown>> {
    await elements.settled();
    refused = [];
    const own = client.stream(asked, { ...options, signal });
    run = own;
    reading = plan.startReading((index, element, validateBy) => {
      if (!array) return undefined;
      if (index === 0) refused = [];
      const check = validateBy(array);
      elements.add(index, element, check);
      return check;
    });
    isReading = true;
    own.subscribe(store.invalidate);
    for await (const event of own) {
      let isMore: boolean;
      try {
        isMore = reading.take(event);
      } catch (error) {
        own.abort();
        throw error;
      }
      if (!isMore) continue;
      if (view.object === undefined && reading.look()) store.flush();
      else store.invalidate();
    }

    const completion = await own.result;
    plan.checkAnswer(completion, reading.rawText);
    const documents = reading.end();
    look();
    await elements.settled();
    const chosen = await chooseDocument(documents, schema);
    const { document, issues, values } = chosen;
    isReading = false;
    view = { object: document.object, open: document.open, issues };
    if (chosen.failure) throw chosen.failure;
    plan.checkIssues(issues);
    return { ...completion, object: array ? values : values[0] };
  }

  async function execute(): Promise<ObjectCompletion<unknown>> {
    const { checkCallOptions, checkObjectOptions } = requestChunk.loaded() ?? (await requestChunk.load());
    checkCallOptions(options);
    checkObjectOptions({ name, maxRepairs });
    const { planObject } = await planChunk.load();
    const plan = planObject(client, request, { schema, array, jsonSchema, name, mode });
    let next = plan.request;
    for (let repairs = 0; ; repairs += 1) {
      try {
        return await ask(plan, next);
      } catch (error) {
        const code = thrownProperty(error, 'code');
        const isRepairable = code === 'validation' || code === 'parse';
        // What the run itself fails with is not of the model's making.
        if (repairs >= maxRepairs || run?.getSnapshot().error || !isRepairable) throw error;
        rawText = reading?.rawText ?? '';
        next = plan.again(rawText, thrownMessage(error), code === 'parse' ? [] : view.issues);
      }
    }
  }

  function succeed(completion: ObjectCompletion<unknown>): ObjectCompletion<unknown> {
    signal.throwIfAborted();
    final = completion.object;
    status = 'ready';
    void elements.end();
    store.flush();
    return completion;
  }

  async function fail(thrown: unknown): Promise<never> {
    // Another listener of the signal may reject before this is told. The run may have been stopped by itself.
    if (outer?.aborted) abort(outer.reason);
    isStopped ||= run?.getSnapshot().finishReason === 'aborted' && isInstance(thrown, AbortError);
    controller.abort(thrown);
    const received = await run?.result.catch((error: unknown) => (error as LLMError).partial);
    look();
    const error = isStopped ? stopError(thrown) : toFailure(thrown);
    error.partial = { ...NOTHING, ...received, object: view.object, rawText: reading?.rawText || rawText };
    addStart(error, start);
    if (!isStopped) {
      failure = error as LLMError;
      failure.provider ??= (client as LLMClient | undefined)?.config?.provider.name;
    }
    status = isStopped ? 'ready' : 'error';
    void elements.end(error);
    store.flush();
    throw error;
  }

  /** The error of a stop. It is an object of its own, since the run has another `partial`. */
  function stopError(thrown: unknown): AbortError {
    const reason = isInstance(thrown, AbortError) ? thrown.cause : signal.aborted ? signal.reason : thrown;
    return new AbortError(reason);
  }

  function abort(reason?: unknown): void {
    if (status) return;
    look();
    isStopped = true;
    status = 'ready';
    controller.abort(reason);
    store.flush();
  }

  const outer = isAbortSignal(options?.signal) ? options.signal : undefined;
  if (outer?.aborted) abort(outer.reason);
  const stopListening = outer && onAbort(outer, () => abort(outer.reason));
  const result = abortable(execute(), signal).then(succeed).catch(fail).finally(stopListening);
  // Somebody who only looks at snapshots never asks for the result.
  result.catch(() => undefined);

  return {
    get run() {
      return run;
    },
    result,
    abort,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    partialStream: { [Symbol.asyncIterator]: () => partialsOf(store, result) },
    elementStream: elements.stream,
  };
}
