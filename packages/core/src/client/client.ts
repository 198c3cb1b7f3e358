import type { Completion } from '../types/completion.ts';
import { isAbortSignal } from '../errors/check-options.ts';
import { checkConfig, type LLMConfig } from './config.ts';
import { LLMError } from '../errors/error.ts';
import { createDeadlines } from '../transport/deadlines.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import type { ResolvedRequest } from '../providers/provider.ts';
import { toolsChunk } from '../providers/shared/tools-chunk.ts';
import type { CallOptions, GenerateRequest, TimeoutOptions } from '../types/request.ts';
import { attempt, type AttemptOptions } from '../run/attempt.ts';
import type { ModelMemory } from '../run/choices.ts';
import { httpChunk } from '../run/http-chunk.ts';
import { callWithRetry } from '../run/retry.ts';
import { resolveRetry } from '../run/retry-policy.ts';
import { record } from '../utils/read-value.ts';
import { requestChecksChunk } from './request-checks-chunk.ts';
import { snapshotRequest } from './snapshot-request.ts';
import type { RunObserver } from '../run/observe.ts';
import { createRun, type Run, type RunControl } from '../run/run.ts';

// Begins with the module, so that a page whose network breaks later can still report that. A failure is reported by the
// first request.
requestChecksChunk.preload();
httpChunk.preload();

/** Client for one provider. Stateless, except for remembering which of its choices a model has refused. */
export class LLMClient {
  readonly config: LLMConfig;
  readonly #memory: ModelMemory = { lessons: new Map() };

  /** @throws {LLMError} with code `config`, naming the field that is wrong. */
  constructor(config: LLMConfig) {
    checkConfig(config);
    this.config = config;
  }

  /**
   * The whole answer: `stream` read to its end.
   * @throws {LLMError} (as a rejection) for every failure, `AbortError` when stopped; both with `partial`.
   */
  complete(request: string | GenerateRequest, options?: CallOptions): Promise<Completion> {
    return this.stream(request, options).result;
  }

  /** Starts a run at once, with the messages that are in the list now. Failures are the run's: this throws nothing. */
  stream(request: string | GenerateRequest, options: CallOptions = {}): Run {
    // JavaScript may pass anything, which the run rejects.
    const signal = isAbortSignal(options?.signal) ? options.signal : undefined;
    return createRun((control) => this.#execute(request, options ?? {}, control), signal, this.config.provider.name);
  }

  async #execute(given: string | GenerateRequest, options: CallOptions, control: RunControl): Promise<void> {
    const request = snapshotRequest(given);
    const {
      provider,
      retry: configRetry,
      timeout: configTimeout,
      fetch: configFetch,
      observe,
      ...config
    } = this.config;
    const { checkCallOptions, readRequest } = requestChecksChunk.loaded() ?? (await requestChecksChunk.load());
    const checked = readRequest(request);
    const { request: read, error: requestError } = checked instanceof Promise ? await checked : checked;
    const { prompt, messages = [], ...own } = read;
    const all = prompt === undefined ? messages : [...messages, { role: 'user' as const, content: prompt }];
    const retry = resolveRetry(configRetry, options.retry);
    const resolved: ResolvedRequest = { ...mergeDefined<Omit<GenerateRequest, 'prompt'>>(config, own), messages: all };
    const attemptOptions: AttemptOptions = {
      provider,
      request: resolved,
      memory: this.#memory,
      shared: {},
      headers: options.headers,
      secrets: new Set(),
      timeout: mergeDefined<TimeoutOptions>({}, configTimeout, options.timeout),
      // Looked up where something is sent: not every environment of a local provider has it.
      fetch: configFetch ?? ((url, init) => fetch(url, init)),
    };
    const run = observed(observe, control, attemptOptions);
    // Checked under observation, so that these failures are told as well.
    checkCallOptions(options);
    if (requestError) throw requestError;
    if (own.tools?.length && !provider.supports.tools) {
      throw new LLMError(`${provider.name} takes no tools`, { code: 'invalid_request' });
    }
    const prepared = own.tools?.length
      ? (await toolsChunk.load()).prepareTools(resolved, provider.supports.json)
      : undefined;
    const deadlines = createDeadlines(provider.name, attemptOptions.timeout, run.fail);
    deadlines.start('total');
    await callWithRetry(
      (context) => {
        run.onAttempt(context.attempt);
        return attempt({ ...attemptOptions, ...prepared }, run);
      },
      {
        ...retry,
        signal: run.signal,
        onRetry(info) {
          run.onRetry(info);
          retry.onRetry?.(info);
        },
      },
    ).finally(deadlines.stop);
  }
}

/** @throws {LLMError} with code `config` for an `observe` that is the listener itself. */
function observed(observe: RunObserver | undefined, control: RunControl, options: AttemptOptions): RunControl {
  if (!observe) return control;
  const run: unknown = observe(control, options);
  if (isRunControl(run)) return run;
  throw new LLMError('LLMClient: observe must be made by observeRuns. Write observe: observeRuns(listener)', {
    code: 'config',
  });
}

function isRunControl(value: unknown): value is RunControl {
  const run = record(value);
  return typeof run?.['emit'] === 'function' && typeof run['onRetry'] === 'function';
}
