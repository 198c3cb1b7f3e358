import type { Completion } from './completion.ts';
import { checkCall, checkConfig, type LLMConfig } from './config.ts';
import { InvalidRequestError } from './error.ts';
import { createDeadlines } from './http/deadlines.ts';
import { overlay } from './overlay.ts';
import type { CallOptions, GenerateRequest, RetryOptions, TimeoutOptions } from './request.ts';
import { attempt } from './run/attempt.ts';
import { createModelDefaults } from './run/defaults.ts';
import { callWithRetry } from './run/retry.ts';
import { createRun, type Run, type RunControl } from './run/run.ts';

/** Asks one provider. Keeps no state between calls but which defaults a model refused. */
export class LLMClient {
  readonly config: LLMConfig;
  readonly #defaults = createModelDefaults();

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

  /** Starts a run at once. Failures are the run's: this throws nothing. */
  stream(request: string | GenerateRequest, options: CallOptions = {}): Run {
    return createRun((control) => this.#execute(request, options, control), options.signal);
  }

  async #execute(
    request: string | GenerateRequest,
    options: CallOptions,
    { signal, emit, fail, setRetry }: RunControl,
  ): Promise<void> {
    checkCall(options);
    const { provider, retry: configRetry, timeout: configTimeout, fetch: configFetch, ...config } = this.config;
    const { prompt, messages = [], ...own } = typeof request === 'string' ? { prompt: request } : request;
    const all = prompt === undefined ? messages : [...messages, { role: 'user' as const, content: prompt }];
    if (all.length === 0) throw new InvalidRequestError('A request needs a prompt or messages');
    if (own.tools?.length && !provider.supports.tools) {
      throw new InvalidRequestError(`${provider.name} takes no tools`);
    }
    const resolved = { ...overlay<Omit<GenerateRequest, 'prompt'>>(config, own), messages: all };
    const retry = overlay<RetryOptions>({}, configRetry, options.retry);
    const timeout = overlay<TimeoutOptions>({}, configTimeout, options.timeout);
    const isRetryOff = (options.retry ?? configRetry) === false;
    const deadlines = createDeadlines(provider.name, timeout, fail);
    deadlines.start('total');
    try {
      const pump = await callWithRetry(
        () => {
          setRetry(undefined);
          return attempt({
            provider,
            request: resolved,
            defaults: this.#defaults,
            headers: options.headers,
            timeout,
            fetch: configFetch ?? fetch,
            signal,
          });
        },
        {
          ...retry,
          ...(isRetryOff && { maxRetries: 0 }),
          signal,
          onRetry(info) {
            setRetry({ attempt: info.attempt, untilMs: Date.now() + info.delayMs });
            retry.onRetry?.(info);
          },
        },
      );
      await pump(emit);
    } finally {
      deadlines.stop();
    }
  }
}
