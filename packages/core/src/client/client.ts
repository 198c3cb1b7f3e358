import type { Completion } from '../types/completion.ts';
import { isAbortSignal } from '../errors/check-options.ts';
import { checkConfig, type LLMConfig } from './config.ts';
import type { CallOptions, GenerateRequest } from '../types/request.ts';
import type { ModelMemory } from '../run/choices.ts';
import { httpChunk } from '../run/http-chunk.ts';
import { requestChunk } from './request-chunk.ts';
import { snapshotRequest } from './snapshot-request.ts';
import { createRun, type Run, type RunControl } from '../run/run.ts';

// Begins with the module, so that a page whose network breaks later can still report that. A failure is reported by the
// first request.
requestChunk.preload();
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
    const { executeRequest } = requestChunk.loaded() ?? (await requestChunk.load());
    await executeRequest({ config: this.config, memory: this.#memory, request, options, control });
  }
}
