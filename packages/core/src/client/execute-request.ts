import { LLMError } from '../errors/error.ts';
import type { ResolvedRequest } from '../providers/provider.ts';
import { toolsChunk } from '../providers/shared/tools-chunk.ts';
import { attempt, type AttemptOptions } from '../run/attempt.ts';
import type { ModelMemory } from '../run/choices.ts';
import type { RunObserver } from '../run/observe.ts';
import { callWithRetry } from '../run/retry.ts';
import { resolveRetry } from '../run/retry-policy.ts';
import type { RunControl } from '../run/run.ts';
import { createDeadlines } from '../transport/deadlines.ts';
import type { CallOptions, GenerateRequest, TimeoutOptions } from '../types/request.ts';
import { mergeDefined } from '../utils/merge-defined.ts';
import { record } from '../utils/read-value.ts';
import { checkCallOptions, readRequest } from './check-request.ts';
import type { LLMConfig } from './config.ts';

export { checkCallOptions, checkObjectOptions } from './check-request.ts';

export interface Execution {
  readonly config: LLMConfig;
  readonly memory: ModelMemory;
  readonly request: unknown;
  readonly options: CallOptions;
  readonly control: RunControl;
}

/** Checks a request and sends it, again after failures that may be retried. The events go to `control`. */
export async function executeRequest({
  config: clientConfig,
  memory,
  request,
  options,
  control,
}: Execution): Promise<void> {
  const { provider, retry: configRetry, timeout: configTimeout, fetch: configFetch, observe, ...config } = clientConfig;
  const checked = readRequest(request);
  const { request: read, error: requestError } = checked instanceof Promise ? await checked : checked;
  const { prompt, messages = [], ...own } = read;
  const all = prompt === undefined ? messages : [...messages, { role: 'user' as const, content: prompt }];
  const retry = resolveRetry(configRetry, options.retry);
  const resolved: ResolvedRequest = { ...mergeDefined<Omit<GenerateRequest, 'prompt'>>(config, own), messages: all };
  const attemptOptions: AttemptOptions = {
    provider,
    request: resolved,
    memory,
    shared: {},
    headers: options.headers,
    secrets: new Set(),
    timeout: mergeDefined<TimeoutOptions>({}, configTimeout, options.timeout),
    // Looked up where something is sent: not every environment of a local provider has it.
    fetch: configFetch ?? ((url, init) => fetch(url, init)),
  };
  const run = observed(observe, control, attemptOptions);
  // Checked under observation, so that the observer gets these failures as well.
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
