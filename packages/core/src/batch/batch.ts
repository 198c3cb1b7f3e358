import type { LLMClient } from '../client.ts';
import type { Completion } from '../completion.ts';
import { checkOptions, type Fields } from '../check-options.ts';
import { CALL_FIELDS } from '../option-fields.ts';
import { isLLMError, type LLMError } from '../error.ts';
import { overlay } from '../overlay.ts';
import type { CallOptions, GenerateRequest, RetryOptions } from '../request.ts';
import { callWithRetry } from '../run/retry.ts';
import { checkBatchOption } from './batch-option.ts';
import { createBatchRun, type BatchRun } from './batch-run.ts';
import { CheckpointError, type CheckpointStore } from './checkpoint.ts';
import { createLane } from './lane.ts';
import { requestKey } from '../request-key.ts';
import { createTokenEstimate } from './token-estimate.ts';
import type { BatchItems, BatchProcessOptions } from './window.ts';

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
   * Where answers are kept as soon as they come, and looked up before they are asked for: a batch that was cut short
   * and is started again goes on where it stopped. Failures are not kept. A request that comes several times in a batch
   * has an answer for each. Default: none.
   */
  readonly checkpoints?: CheckpointStore | undefined;
  /**
   * Called when a checkpoint cannot be read or kept (storage that is full, say); the batch then goes on without it.
   * Default: the batch ends with a `BatchError` whose `cause` is the `CheckpointError`.
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
  onCheckpointError: 'anything',
  // Options of `useBatch`.
  client: 'anything',
  onFinish: 'anything',
  onError: 'anything',
};

/** How often one request is sent again because of a busy server without that counting as a retry. */
const MAX_BUSY = 20;

/**
 * Asks for many answers, some at a time, with what one request learns of the server's limits shared by all: a refusal
 * with 429 holds everything up for the delay that the server names, and narrows the window, which each answer widens.
 *
 * Each request is retried like a single one, with three attempts in all by default; since nobody has seen anything of
 * it, also when the connection breaks in the middle of an answer. A refusal because the server is busy counts as an
 * attempt only if no other request is out or got through since its last one, or after twenty. A delay above `maxDelayMs`
 * fails the request at once, as it does all others until the delay is over: they are not sent. `totalMs` is for one
 * attempt.
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
  const { requestsPerMinute, tokensPerMinute, checkpoints, onCheckpointError, headers, timeout, ...window } = options;
  const { concurrency: limit = 10 } = window;
  checkPerMinute(requestsPerMinute, 'requestsPerMinute');
  checkPerMinute(tokensPerMinute, 'tokensPerMinute');
  checkBatchOption(!checkpoints || typeof checkpoints.get === 'function', 'checkpoints', 'a CheckpointStore');
  checkBatchOption(!onCheckpointError || typeof onCheckpointError === 'function', 'onCheckpointError', 'a function');
  checkOptions('batch', options, BATCH_FIELDS);

  const retry = overlay<RetryOptions>({}, client.config.retry, options.retry);
  const maxRetries = (options.retry ?? client.config.retry) === false ? 0 : (retry.maxRetries ?? 2);
  const { maxDelayMs = 60_000, onRetry } = retry;
  const estimate = createTokenEstimate(client.config.maxTokens);
  const timesAsked = new Map<string, number>();
  let changed: (() => void) | undefined;
  let failure: CheckpointError | undefined;
  /** Set where the server wants a longer wait than is accepted. */
  let closed: { readonly untilMs: number; readonly error: LLMError } | undefined;
  const lane = createLane({ limit, requestsPerMinute, tokensPerMinute, onPause: () => changed?.() });

  function checkpointFailed(operation: 'get' | 'set', index: number, cause: unknown): void {
    const error = new CheckpointError(operation, index, cause);
    if (onCheckpointError) return onCheckpointError(error);
    failure ??= error;
    if (operation === 'get') throw error;
  }

  /** The key of a request, which says how often the same one came before. */
  function keyOf(request: GenerateRequest): string {
    const key = requestKey(client, request);
    const times = (timesAsked.get(key) ?? 0) + 1;
    timesAsked.set(key, times);
    return times > 1 ? `${key}-${times}` : key;
  }

  async function ask(request: GenerateRequest, signal: AbortSignal): Promise<Completion> {
    let busy = 0;
    let answersBefore = lane.answers();
    return callWithRetry(
      async ({ attempt }) => {
        for (;;) {
          const ticket = await lane.enter(tokensPerMinute ? estimate.of(request) : 0, signal);
          try {
            if (closed && performance.now() < closed.untilMs) throw closed.error;
            const completion = await client.complete(request, { headers, timeout, signal, retry: false });
            ticket.succeed(estimate.learn(completion));
            return completion;
          } catch (error) {
            if (signal.aborted || !isLLMError(error) || !isBusy(error)) throw error;
            const delayMs = error.retryAfterMs;
            if (delayMs !== undefined && delayMs > maxDelayMs) {
              if (error !== closed?.error) closed = { untilMs: performance.now() + delayMs, error };
              throw error;
            }
            ticket.refuse(delayMs);
            const isMoving = lane.inside() > 1 || lane.answers() > answersBefore;
            answersBefore = lane.answers();
            if (!maxRetries || !isMoving || busy >= MAX_BUSY) throw error;
            busy += 1;
            onRetry?.({ attempt, delayMs: Math.max(0, (lane.pausedUntilMs() ?? 0) - Date.now()), error });
          } finally {
            ticket.leave();
          }
        }
      },
      { ...retry, maxRetries, signal },
    );
  }

  return createBatchRun<string | GenerateRequest, Completion>(
    requests,
    async (item, { index, signal }) => {
      const request = typeof item === 'string' ? { prompt: item } : item;
      if (!checkpoints) return ask(request, signal);
      const key = keyOf(request);
      try {
        const kept = await checkpoints.get(key);
        if (kept) return kept;
      } catch (error) {
        checkpointFailed('get', index, error);
      }
      const completion = await ask(request, signal);
      try {
        await checkpoints.set(key, completion);
      } catch (error) {
        checkpointFailed('set', index, error);
      }
      return completion;
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

/** Whether an error is about all requests, not about the one that met it. */
function isBusy(error: LLMError): boolean {
  return error.isRetryable && (error.code === 'rate_limit' || error.code === 'overloaded' || !!error.retryAfterMs);
}

function checkPerMinute(value: unknown, name: string): void {
  checkBatchOption(value === undefined || (typeof value === 'number' && value > 0), name, 'a number above 0');
}
