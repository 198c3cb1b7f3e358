import type { LLMClient } from '../client/client.ts';
import { checkOptions, type Fields } from '../errors/check-options.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';
import type { Completion, FinishReason } from '../types/completion.ts';
import { isLLMError, LLMError } from '../errors/error.ts';
import { CALL_FIELDS } from '../client/option-fields.ts';
import { count, record } from '../utils/read-value.ts';
import { requestKey } from '../client/request-key.ts';
import type { CallOptions, GenerateRequest, RetryInfo } from '../types/request.ts';
import { abortable } from '../utils/abortable.ts';
import { callWithRetry } from '../run/retry.ts';
import { resolveRetry } from '../run/retry-policy.ts';
import { isInstance } from '../errors/thrown.ts';
import { startTimer } from '../utils/timer.ts';
import { checkBatchOption } from './batch-option.ts';
import { createBatchRun, type BatchRun } from './batch-run.ts';
import { CheckpointError, NewerCheckpoint, readCheckpoint, toCheckpoint, type CheckpointStore } from './checkpoint.ts';
import { claim } from './claims.ts';
import { createClosing } from './closing.ts';
import { createLane } from './rate-limiter.ts';
import { NotSent, unsentError } from './not-sent.ts';
import { createTokenEstimate } from './token-estimate.ts';
import type { BatchItemContext, BatchItems, BatchProcessOptions } from './pool.ts';

/** How to make a batch of requests. `retry`, `timeout` and `headers` hold for each request. */
export interface BatchOptions extends BatchProcessOptions, Omit<CallOptions, 'signal'> {
  /** How many requests are out at most; fewer while the server says that it is busy. Default 10. */
  readonly concurrency?: number | undefined;
  /** How many requests to send in a minute, evenly: a number above 0. Default: no bound. */
  readonly requestsPerMinute?: number | undefined;
  /**
   * How many tokens to spend in a minute, those of the questions included: a number above 0. What a request will cost
   * is estimated: a token for four bytes of its JSON, and what the answers so far cost on average, at first
   * `maxTokens` (2000 where there is none). What its answer says it cost corrects that. Default: no bound.
   */
  readonly tokensPerMinute?: number | undefined;
  /**
   * Stores answers as soon as they are received. A stored answer is not asked for again, so a batch that was stopped and is
   * started again continues where it stopped. Failures are not stored. Equal requests of one batch have an answer each. A
   * checkpoint that is not a whole answer to its request is asked for again, and overwritten.
   * @default undefined: nothing is stored
   */
  readonly checkpoints?: CheckpointStore | undefined;
  /**
   * The answers that are stored, and that are accepted from the store, by their finish reason. With `['stop']` an answer that
   * was cut by its token limit or blocked by a filter is asked for again by the next batch.
   * @default undefined: all
   */
  readonly checkpointFinishReasons?: readonly FinishReason[] | undefined;
  /**
   * Called when a checkpoint cannot be read (`operation` is `get`): its request is sent. Also when one cannot be written
   * (`set`), as in a full storage: the batch then goes on without it. Both fail after 30 s without an end.
   * @default undefined: the batch ends with a `BatchError` whose `cause` is the `CheckpointError` of a failed write
   */
  readonly onCheckpointError?: ((error: CheckpointError) => void) | undefined;
}

/** The values of the other ones are checked where they are used. */
const BATCH_FIELDS: Fields = {
  ...CALL_FIELDS,
  concurrency: 'anything',
  stopOnError: 'anything',
  requestsPerMinute: 'anything',
  tokensPerMinute: 'anything',
  checkpoints: 'anything',
  checkpointFinishReasons: 'anything',
  onCheckpointError: 'anything',
  // Options of `useBatch`.
  keepAlive: 'a boolean',
  client: 'anything',
  onFinish: 'anything',
  onError: 'anything',
};

/** How long a store may take, in ms: one that never settles would hold up a place in the window. */
const CHECKPOINT_TIMEOUT_MS = 30_000;

/** How often one request is sent again because of a busy server without that counting as a retry. */
const MAX_BUSY = 20;

/**
 * Asks for many answers, some at a time, with what one request learns of the server's limits shared by all: a refusal
 * with 429 holds everything up for the delay that the server names, and narrows the window, which each answer widens.
 *
 * Each request is retried like a single one, with three attempts in all by default; since nobody has seen anything of
 * it, also when the connection breaks in the middle of an answer. A refusal because the server is busy counts as an
 * attempt only if no other request is out or got through since its last one, or after twenty. `totalMs` is for one
 * attempt.
 *
 * A failure that concerns other requests too is not met by each of them. Their results have `isUnsent`, and `progress.unsent`
 * counts them. This is so after:
 * - a delay above `maxDelayMs`: for all requests, until the delay is over;
 * - `authentication` and `config`: for all requests;
 * - `insufficient_quota`: for all requests to the same model;
 * - `permission_denied` and `not_found`: for all requests to the same model, if the server's message names the model, or if
 *   three of them failed so without an answer in between. One alone may concern a file that the request refers to.
 *
 * ```ts
 * const run = batch(client, lines.map((line) => `Translate: ${line}`), { concurrency: 8 });
 * for await (const result of run) show(result);
 * ```
 *
 * A request that fails is a result; `BatchRun` says when the whole batch does.
 * @throws {LLMError} with code `config`, naming the option that is wrong.
 */
export function batch(
  client: LLMClient,
  requests: BatchItems<string | GenerateRequest>,
  options: BatchOptions = {},
): BatchRun<Completion> {
  // Without types anything may come.
  checkBatchOption(record(client)?.['config'], 'client', 'an LLMClient');
  checkBatchOption(record(options), 'options', 'an object');
  // Each of its characters would be a request.
  checkBatchOption(typeof requests !== 'string', 'requests', 'a list of requests');
  const { requestsPerMinute, tokensPerMinute, checkpoints, checkpointFinishReasons, onCheckpointError, ...rest } =
    options;
  const { headers, timeout, ...window } = rest;
  const { concurrency: limit = 10 } = window;
  checkPerMinute(requestsPerMinute, 'requestsPerMinute');
  checkPerMinute(tokensPerMinute, 'tokensPerMinute');
  checkBatchOption(!checkpoints || isCheckpointStore(checkpoints), 'checkpoints', 'a CheckpointStore');
  checkBatchOption(
    checkpointFinishReasons === undefined || Array.isArray(checkpointFinishReasons),
    'checkpointFinishReasons',
    'a list of finish reasons',
  );
  checkBatchOption(!onCheckpointError || typeof onCheckpointError === 'function', 'onCheckpointError', 'a function');
  checkOptions('batch', options, BATCH_FIELDS);

  const retry = resolveRetry(client.config.retry, options.retry);
  const { maxRetries, maxDelayMs } = retry;
  const estimate = createTokenEstimate(client.config.maxTokens);
  const timesAsked = new Map<string, number>();
  let changed: (() => void) | undefined;
  let failure: CheckpointError | undefined;
  const lane = createLane({ limit, requestsPerMinute, tokensPerMinute, onPause: () => changed?.() });
  const closing = createClosing((isClosed) => lane.dismiss(({ model }) => isClosed(model)));

  function onRetry(info: RetryInfo): void {
    invokeSafely(() => retry.onRetry?.(info));
  }

  function report(error: CheckpointError): void {
    invokeSafely(() => onCheckpointError?.(error));
  }

  /** The key of a request, which says how often the same one came before. @default undefined if it has none */
  function keyOf(request: GenerateRequest): string | undefined {
    let key: string;
    try {
      key = requestKey(client, request);
    } catch {
      // JSON cannot represent it: sending it fails with an error that says so.
      return undefined;
    }
    const times = (timesAsked.get(key) ?? 0) + 1;
    timesAsked.set(key, times);
    return times > 1 ? `${key}-${times}` : key;
  }

  async function ask(request: GenerateRequest, signal: AbortSignal): Promise<Completion> {
    const model = request.model ?? client.config.model;
    let busy = 0;
    let answersBefore = lane.answers();
    let lastError: LLMError | undefined;

    async function send(attempt: number): Promise<Completion> {
      for (;;) {
        const before = closing.reasonFor(model);
        if (before) throw new NotSent(unsentError(before));
        const tokens = tokensPerMinute ? estimate.of(request) : 0;
        const ticket = await lane.enter({ tokens, model }, signal);
        if (!ticket) continue;
        try {
          const completion = await client.complete(request, { headers, timeout, signal, retry: false });
          ticket.succeed(estimate.learn(completion));
          closing.succeed(model);
          return completion;
        } catch (error) {
          if (signal.aborted || !isLLMError(error)) throw error;
          lastError = error;
          closing.fail(error, model);
          if (!isBusy(error)) throw error;
          const delayMs = count(error.retryAfterMs);
          if (delayMs !== undefined && delayMs > maxDelayMs) {
            closing.closeFor(delayMs, error);
            throw error;
          }
          ticket.refuse(delayMs);
          const isMoving = lane.inside() > 1 || lane.answers() > answersBefore;
          answersBefore = lane.answers();
          if (!maxRetries || !isMoving || busy >= MAX_BUSY) throw error;
          busy += 1;
          onRetry({ attempt, delayMs: Math.max(0, (lane.pausedUntilMs() ?? 0) - Date.now()), error });
        } finally {
          ticket.leave();
        }
      }
    }

    try {
      return await callWithRetry(({ attempt }) => send(attempt), { ...retry, onRetry, signal });
    } catch (error) {
      // It was sent before, and met a failure of its own.
      if (lastError && isInstance(error, NotSent)) throw lastError;
      throw error;
    }
  }

  function isKept({ finishReason }: Completion): boolean {
    return checkpointFinishReasons?.includes(finishReason) ?? true;
  }

  /** The stored answer, or why the request is sent. */
  async function read(
    store: CheckpointStore,
    key: string,
    index: number,
    signal: AbortSignal,
  ): Promise<Completion | 'replace' | 'keep'> {
    try {
      const stored = await inTime(async () => store.get(key), signal);
      if (stored === undefined || stored === null) return 'replace';
      const completion = readCheckpoint(stored, key);
      return isKept(completion) ? completion : 'replace';
    } catch (error) {
      signal.throwIfAborted();
      report(new CheckpointError('get', index, error));
      return isInstance(error, NewerCheckpoint) ? 'keep' : 'replace';
    }
  }

  async function write(
    store: CheckpointStore,
    key: string,
    completion: Completion,
    index: number,
    signal: AbortSignal,
  ) {
    try {
      await inTime(async () => store.set(key, toCheckpoint(key, completion)), signal);
    } catch (error) {
      const checkpointError = new CheckpointError('set', index, error);
      if (onCheckpointError) report(checkpointError);
      else failure ??= checkpointError;
    }
  }

  async function askOnce(
    store: CheckpointStore,
    request: GenerateRequest,
    { index, signal }: BatchItemContext,
  ): Promise<Completion> {
    const key = keyOf(request);
    if (key === undefined) return ask(request, signal);
    const endClaim = await claim(store, key, signal);
    try {
      const stored = await read(store, key, index, signal);
      if (typeof stored === 'object') return stored;
      const completion = await ask(request, signal);
      if (stored === 'replace' && isKept(completion)) await write(store, key, completion, index, signal);
      return completion;
    } finally {
      endClaim();
    }
  }

  return createBatchRun<string | GenerateRequest, Completion>(
    requests,
    async (item, context) => {
      const request = typeof item === 'string' ? { prompt: item } : item;
      // Without types anything may come.
      if (!record(request)) {
        throw new LLMError('A request of a batch must be text or an object', { code: 'invalid_request' });
      }
      return checkpoints ? askOnce(checkpoints, request, context) : ask(request, context.signal);
    },
    window,
    {
      onStart(onChange) {
        changed = onChange;
      },
      pausedUntilMs: lane.pausedUntilMs,
      fatal: () => failure,
    },
  );
}

/** What `work` resolves to. Rejects if that takes too long, or as soon as `signal` aborts. */
async function inTime<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let cancel!: () => void;
  const late = new Promise<never>((_, reject) => {
    cancel = startTimer(
      () => reject(new Error(`The store has not answered for ${CHECKPOINT_TIMEOUT_MS / 1000} s`)),
      CHECKPOINT_TIMEOUT_MS,
    );
  });
  return abortable(Promise.race([work(), late]), signal).finally(cancel);
}

function isCheckpointStore(store: unknown): boolean {
  const methods = record(store);
  return typeof methods?.['get'] === 'function' && typeof methods['set'] === 'function';
}

/** Whether an error is about all requests, not about the one that met it. */
function isBusy(error: LLMError): boolean {
  return error.isRetryable && (error.code === 'rate_limit' || error.code === 'overloaded' || !!error.retryAfterMs);
}

function checkPerMinute(value: unknown, name: string): void {
  checkBatchOption(value === undefined || (typeof value === 'number' && value > 0), name, 'a number above 0');
}
