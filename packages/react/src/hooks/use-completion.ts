'use client';

import type {
  CallOptions,
  Completion,
  GenerateRequest,
  LLMClient,
  LLMError,
  RunSnapshot,
  RunStatus,
  Usage,
} from '@rivulet/core';
import { mergeDefined } from '@rivulet/core';
import { useMemo, useState, type Dispatch, type SetStateAction } from 'react';
import { useLLMClient } from './client-context.tsx';
import { useKeepAlive } from '../internal/use-keep-alive.ts';
import { useLatest } from '../internal/use-latest.ts';
import { useSlot } from '../internal/use-slot.ts';
import { useStore } from '../internal/use-store.ts';

/** What one call says otherwise, field by field, than the options of the hook. */
export interface CompleteOptions extends Omit<GenerateRequest, 'prompt'>, CallOptions {}

/** The fields of a request without its prompt, how to call, and what is listed here. */
export interface UseCompletionOptions extends Omit<GenerateRequest, 'prompt'>, Omit<CallOptions, 'signal'> {
  /** Default: the client of the nearest `LLMClientProvider`. */
  readonly client?: LLMClient | undefined;
  /**
   * Mounted components that name the same id, with the same client, share one completion; input and callbacks stay
   * their own. The run ends when the last of them unmounts. Default: shared with nobody.
   */
  readonly id?: string | undefined;
  /** Default ''. */
  readonly initialInput?: string | undefined;
  /** Shown before the first run. Default ''. */
  readonly initialCompletion?: string | undefined;
  /**
   * Whether the run goes on while the component is hidden by `<Activity>`.
   * @default false
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Called once for each answer whose end was witnessed, by the component that asked for it, with the prompt. Not after
   * `stop`, `reset`, a later `complete` or the unmount.
   */
  readonly onFinish?: ((completion: Completion, prompt: string | undefined) => void) | undefined;
  /** Called once for each run that fails. Not after `stop`, `reset`, a later `complete` or the unmount. */
  readonly onError?: ((error: LLMError) => void) | undefined;
}

export interface UseCompletionResult {
  /** The answer so far. What came stays after `stop` and after an error. */
  readonly completion: string;
  /**
   * Asks the model, and aborts the run before. Resolves to the whole text, or to `null` when it was stopped or failed:
   * `error` says why. Never rejects.
   */
  readonly complete: (request: string | GenerateRequest, options?: CompleteOptions) => Promise<string | null>;
  /** Ends the run. The text stays, `status` is `ready`, `finishReason` is `aborted`. */
  readonly stop: () => void;
  /** Shows another text in place of the answer. A run that is under way goes on, and its next text shows again. */
  readonly setCompletion: (completion: string) => void;
  /** Ends the run and goes back to the state before the first one. The input stays. */
  readonly reset: () => void;
  readonly input: string;
  readonly setInput: Dispatch<SetStateAction<string>>;
  /** For `onChange` of an input or a textarea. */
  readonly handleInputChange: (event: { readonly target: { readonly value: string } }) => void;
  /** For `onSubmit` of a form: completes the input, unless it is blank. */
  readonly handleSubmit: (event?: { preventDefault?: () => void }) => void;
  /** Whether a run is under way: `status` is `submitted` or `streaming`. */
  readonly isLoading: boolean;
  /** `submitted` until the first content, `streaming` until the end; otherwise `ready`, or `error`. */
  readonly status: RunStatus;
  /** Why the last run failed. */
  readonly error?: LLMError | undefined;
  /** What the model thought before it answered, where the provider shows it. */
  readonly reasoning: string;
  readonly usage?: Usage | undefined;
  /** Set once a run has ended without an error; `aborted` after `stop`. */
  readonly finishReason?: RunSnapshot['finishReason'];
  /** Set while the run waits to try again: which attempt failed, and until when (epoch, ms). */
  readonly retry?: RunSnapshot['retry'];
}

/**
 * A prompt and its answer, which streams in. Renders at most once a frame. Nothing is sent before `complete` or
 * `handleSubmit`. The functions keep their identity; callbacks and options are those of the latest render.
 *
 * The run is aborted one macrotask after the unmount, unless the component is attached again by then (StrictMode).
 * @throws {Error} without a client: neither a provider nor `options.client`.
 */
export function useCompletion(options: UseCompletionOptions = {}): UseCompletionResult {
  const client = useLLMClient(options.client);
  const slot = useSlot(client, options.id, options.initialCompletion);
  const [typed, setInput] = useState(options.initialInput ?? '');
  // Without types anything may come.
  const input: string = typeof typed === 'string' ? typed : '';
  const latest = useLatest({ client, input, options });
  useKeepAlive(slot, options.keepAlive);

  const actions = useMemo(() => {
    async function complete(request: string | GenerateRequest, overrides?: CompleteOptions): Promise<string | null> {
      const now = latest.current;
      if (!now) return null;
      const {
        client: _,
        id: __,
        keepAlive: ___,
        initialInput,
        initialCompletion,
        onFinish,
        onError,
        ...defaults
      } = now.options;
      const { signal, retry, timeout, headers, ...asked } = mergeDefined<GenerateRequest & CallOptions>(
        {},
        defaults,
        typeof request === 'string' ? { prompt: request } : request,
        overrides,
      );
      const { result } = slot.start(
        () => {
          const run = now.client.stream(asked, { signal, retry, timeout, headers });
          return { run, isOwn: true, abort: run.abort };
        },
        (completion) => latest.current?.options.onFinish?.(completion, asked.prompt),
        (error) => latest.current?.options.onError?.(error),
      );
      return result.then(
        ({ text }) => text,
        () => null,
      );
    }

    return {
      complete,
      stop: slot.stop,
      reset: slot.reset,
      setCompletion: slot.setText,
      setInput,
      handleInputChange(event) {
        setInput(event.target.value);
      },
      handleSubmit(event) {
        event?.preventDefault?.();
        const prompt = latest.current?.input;
        if (prompt?.trim()) void complete(prompt);
      },
    } satisfies Partial<UseCompletionResult>;
  }, [slot, latest]);

  const { text: completion, ...snapshot } = useStore(slot);
  const { status } = snapshot;
  return { ...actions, ...snapshot, completion, input, isLoading: status === 'submitted' || status === 'streaming' };
}
