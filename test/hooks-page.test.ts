import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CallOptions, GenerateRequest, RetryOptions, RunSnapshot, TimeoutOptions } from '@rivulet/core';
import type { ToolInput } from '@rivulet/core/chat';
import * as react from '@rivulet/react';
import type {
  ObjectField,
  UseBatchOptions,
  UseBatchResult,
  UseChatOptions,
  UseChatResult,
  UseCompletionOptions,
  UseCompletionResult,
  UseObjectOptions,
  UseObjectResult,
  UseStreamOptions,
  UseStreamResult,
} from '@rivulet/react';
import { describe, expect, it } from 'vitest';

const page = readFileSync(fileURLToPath(new URL('../docs/hooks.md', import.meta.url)), 'utf8');

type Shared = keyof GenerateRequest | keyof CallOptions;
type Schemas = { readonly schema: unknown; readonly array: unknown };

/** The names of all properties of a type: the compiler refuses a list that lacks one, or has one too many. */
function namesOf<T>(names: Readonly<Record<Exclude<keyof T, `~${string}`>, true>>): string[] {
  return Object.keys(names);
}

/** What the rows of the tables with this head name, in the section with this heading. */
function namedIn(heading: string, head: string): string[] {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(heading)) ?? '';
  const tables = section.split('\n\n').filter((text) => text.startsWith(`| ${head} `));
  const cells = tables.flatMap((text) => text.split('\n').map((row) => row.split('|')[1] ?? ''));
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
}

describe('the page on hooks names, with no more and no less,', () => {
  it.each<[string, string, string, string[]]>([
    [
      'every field of a request',
      'Fields of a request',
      'field',
      namesOf<GenerateRequest>({
        prompt: true,
        messages: true,
        system: true,
        model: true,
        temperature: true,
        maxTokens: true,
        stop: true,
        tools: true,
        toolChoice: true,
        reasoning: true,
        providerOptions: true,
        conversation: true,
      }),
    ],
    [
      'every option of a call',
      'How to call',
      'option',
      namesOf<CallOptions>({ signal: true, retry: true, timeout: true, headers: true }),
    ],
    [
      'the fields of retry',
      'Retry',
      'field',
      namesOf<NonNullable<RunSnapshot['retry']>>({ attempt: true, untilMs: true }),
    ],
    [
      'the fields of a run',
      'Fields of a run',
      'field',
      namesOf<RunSnapshot>({
        id: true,
        status: true,
        message: true,
        text: true,
        reasoning: true,
        finishReason: true,
        usage: true,
        error: true,
        retry: true,
      }),
    ],
    [
      'every option of useCompletion',
      '`useCompletion',
      'option',
      namesOf<Omit<UseCompletionOptions, Shared>>({
        client: true,
        id: true,
        initialInput: true,
        initialCompletion: true,
        keepAlive: true,
        onFinish: true,
        onError: true,
      }),
    ],
    [
      'every result of useCompletion',
      '`useCompletion',
      'result',
      namesOf<UseCompletionResult>({
        completion: true,
        complete: true,
        stop: true,
        setCompletion: true,
        reset: true,
        input: true,
        setInput: true,
        handleInputChange: true,
        handleSubmit: true,
        isLoading: true,
        status: true,
        error: true,
        reasoning: true,
        usage: true,
        finishReason: true,
        retry: true,
      }),
    ],
    [
      'every option of useStream',
      '`useStream',
      'option',
      namesOf<UseStreamOptions>({ client: true, keepAlive: true, onFinish: true, onError: true }),
    ],
    [
      'every result of useStream',
      '`useStream',
      'result',
      namesOf<Omit<UseStreamResult, keyof RunSnapshot>>({ start: true, stop: true, reset: true }),
    ],
    [
      'every option of useObject',
      '`useObject(',
      'option',
      namesOf<Omit<UseObjectOptions<unknown, unknown> & Schemas, Shared>>({
        schema: true,
        array: true,
        jsonSchema: true,
        name: true,
        mode: true,
        maxRepairs: true,
        client: true,
        request: true,
        keepAlive: true,
        onFinish: true,
        onError: true,
      }),
    ],
    [
      'every result of useObject',
      '`useObject(',
      'result',
      namesOf<Omit<UseObjectResult<unknown, unknown, unknown, unknown>, keyof RunSnapshot>>({
        object: true,
        final: true,
        issues: true,
        fieldStatus: true,
        cut: true,
        submit: true,
        stop: true,
        clear: true,
        run: true,
        isLoading: true,
      }),
    ],
    [
      'every result of useObjectField',
      '`useObjectField',
      'result',
      namesOf<ObjectField<unknown>>({ value: true, status: true, issues: true }),
    ],
    [
      'every option of useBatch',
      '`useBatch',
      'option',
      namesOf<UseBatchOptions>({
        client: true,
        concurrency: true,
        requestsPerMinute: true,
        tokensPerMinute: true,
        checkpoints: true,
        checkpointFinishReasons: true,
        onCheckpointError: true,
        retry: true,
        timeout: true,
        headers: true,
        keepAlive: true,
        onFinish: true,
        onError: true,
      }),
    ],
    [
      'every result of useBatch',
      '`useBatch',
      'result',
      namesOf<UseBatchResult>({
        run: true,
        retryFailed: true,
        stop: true,
        reset: true,
        results: true,
        progress: true,
        status: true,
        error: true,
      }),
    ],
    [
      'every option of useChat',
      '`useChat',
      'option',
      namesOf<Omit<UseChatOptions, Shared>>({
        chat: true,
        client: true,
        id: true,
        generateId: true,
        resume: true,
        maxSteps: true,
        whenBusy: true,
        prepareMessages: true,
        onContextLength: true,
        continuePrompt: true,
        persistence: true,
        keepAlive: true,
        onFinish: true,
        onError: true,
        onData: true,
        onPersistenceError: true,
      }),
    ],
    [
      'every result of useChat',
      '`useChat',
      'result',
      namesOf<UseChatResult>({
        chat: true,
        id: true,
        messages: true,
        status: true,
        error: true,
        queue: true,
        retry: true,
        isRestoring: true,
        hasEarlier: true,
        persistenceError: true,
        sendMessage: true,
        regenerate: true,
        continueAnswer: true,
        stop: true,
        removeQueued: true,
        setMessages: true,
        clear: true,
        loadEarlier: true,
        retryPersistence: true,
        discardUnreadable: true,
        branches: true,
        selectBranch: true,
        getThread: true,
        setThread: true,
        addToolOutput: true,
        addToolApprovalResponse: true,
        resumeStream: true,
        clearError: true,
      }),
    ],
    ['every result of useToolInput', '`useToolInput', 'result', namesOf<ToolInput>({ value: true, pathStatus: true })],
  ])('%s', (_, heading, head, names) => {
    expect(namedIn(heading, head).toSorted()).toEqual(names.toSorted());
  });

  it('every field of the options retry and timeout', () => {
    const retry = namesOf<RetryOptions>({
      maxRetries: true,
      maxDelayMs: true,
      onRetry: true,
      shouldRetry: true,
      waitForOnline: true,
    });
    const timeout = namesOf<TimeoutOptions>({ headersMs: true, firstTokenMs: true, idleMs: true, totalMs: true });
    expect(page).toContain(`\`{ ${retry.join(', ')} }\``);
    expect(page).toContain(`\`{ ${timeout.join(', ')} }\``);
  });

  it.each(Object.keys(react).filter((name) => name.startsWith('use')))('the hook %s', (name) => {
    expect(page).toContain(`\`${name}`);
  });
});
