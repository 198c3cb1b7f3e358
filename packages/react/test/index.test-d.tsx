import type {
  BatchOptions,
  BatchProgress,
  BatchResult,
  CallOptions,
  Completion,
  FinishReason,
  GenerateRequest,
  LLMClient,
  LLMError,
  Message,
  ObjectCompletion,
  ObjectRun,
  Run,
  RunSnapshot,
  RunStatus,
  StandardSchema,
  Store,
  StreamEvent,
  Usage,
} from '@rivulet/core';
import { tool, type Chat, type ChatMessage } from '@rivulet/core/chat';
import {
  LLMClientProvider,
  useBatch,
  useChat,
  useCompletion,
  useLLMClient,
  useMessage,
  useObject,
  useObjectField,
  useStore,
  useStream,
  type CompleteOptions,
  type LLMClientProviderProps,
  type StreamSource,
  type UseBatchOptions,
  type UseBatchResult,
  type UseChatOptions,
  type UseCompletionOptions,
  type UseCompletionResult,
  type UseStreamOptions,
  type UseStreamResult,
} from '@rivulet/react';
import type { ChangeEventHandler, FormEventHandler, ReactNode } from 'react';
import { type as arktype } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

declare const client: LLMClient;
declare const run: Run;

describe('useCompletion', () => {
  test('takes the fields of a request without its prompt, how to call, and callbacks', () => {
    expectTypeOf<UseCompletionOptions>().toExtend<Omit<GenerateRequest, 'prompt'>>();
    expectTypeOf<UseCompletionOptions>().not.toHaveProperty('prompt');
    expectTypeOf<UseCompletionOptions>().not.toHaveProperty('signal');
    expectTypeOf<UseCompletionOptions['retry']>().toEqualTypeOf<CallOptions['retry']>();
    expectTypeOf(useCompletion).parameter(0).toEqualTypeOf<UseCompletionOptions | undefined>();
    useCompletion({
      onFinish(completion, prompt) {
        expectTypeOf(completion).toEqualTypeOf<Completion>();
        expectTypeOf(prompt).toEqualTypeOf<string | undefined>();
      },
      onError(error) {
        expectTypeOf(error).toEqualTypeOf<LLMError>();
      },
    });
  });

  test('every option may be undefined', () => {
    expectTypeOf<{ [Name in keyof UseCompletionOptions]-?: undefined }>().toExtend<UseCompletionOptions>();
    expectTypeOf<{ [Name in keyof CompleteOptions]-?: undefined }>().toExtend<CompleteOptions>();
  });

  test('knows no other option', () => {
    // @ts-expect-error There is no such option.
    useCompletion({ modle: 'model-1' });
  });

  test('gives typed fields', () => {
    const result = useCompletion({ client });
    expectTypeOf(result).toEqualTypeOf<UseCompletionResult>();
    expectTypeOf(result.completion).toEqualTypeOf<string>();
    expectTypeOf(result.status).toEqualTypeOf<RunStatus>();
    expectTypeOf(result.isLoading).toEqualTypeOf<boolean>();
    expectTypeOf(result.error).toEqualTypeOf<LLMError | undefined>();
    expectTypeOf(result.usage).toEqualTypeOf<Usage | undefined>();
    expectTypeOf(result.finishReason).toEqualTypeOf<FinishReason | 'aborted' | undefined>();
    expectTypeOf(result.retry).toEqualTypeOf<{ readonly attempt: number; readonly untilMs: number } | undefined>();
  });

  test('complete takes a prompt or a request, and resolves to the text or null', () => {
    const { complete } = useCompletion();
    expectTypeOf(complete).parameter(0).toEqualTypeOf<string | GenerateRequest>();
    expectTypeOf(complete).parameter(1).toEqualTypeOf<CompleteOptions | undefined>();
    expectTypeOf(complete).returns.resolves.toEqualTypeOf<string | null>();
    expectTypeOf<CompleteOptions>().toHaveProperty('signal');
  });

  test('its handlers fit the elements they are for', () => {
    const { handleInputChange, handleSubmit, setInput } = useCompletion();
    expectTypeOf(handleInputChange).toExtend<ChangeEventHandler<HTMLInputElement>>();
    expectTypeOf(handleInputChange).toExtend<ChangeEventHandler<HTMLTextAreaElement>>();
    expectTypeOf(handleSubmit).toExtend<FormEventHandler<HTMLFormElement>>();
    expectTypeOf(handleSubmit).toBeCallableWith();
    setInput('text');
    setInput((text) => `${text}!`);
  });
});

describe('useBatch', () => {
  test('takes the options of a batch but for what stops it, and callbacks', () => {
    expectTypeOf<UseBatchOptions>().toExtend<Omit<BatchOptions, 'signal' | 'stopOnError'>>();
    expectTypeOf<UseBatchOptions>().not.toHaveProperty('signal');
    expectTypeOf<UseBatchOptions>().not.toHaveProperty('stopOnError');
    expectTypeOf<{ [Name in keyof UseBatchOptions]-?: undefined }>().toExtend<UseBatchOptions>();
    useBatch({
      onFinish(results) {
        expectTypeOf(results).toEqualTypeOf<readonly BatchResult<Completion>[]>();
      },
      onError(error) {
        expectTypeOf(error).toEqualTypeOf<Error>();
      },
    });
    // @ts-expect-error There is no such option.
    useBatch({ concurency: 2 });
  });

  test('gives typed fields, and takes a list', () => {
    const result = useBatch({ client });
    expectTypeOf(result).toEqualTypeOf<UseBatchResult>();
    expectTypeOf(result.results).toEqualTypeOf<readonly (BatchResult<Completion> | undefined)[]>();
    expectTypeOf(result.progress).toEqualTypeOf<BatchProgress>();
    expectTypeOf(result.status).toEqualTypeOf<RunStatus>();
    expectTypeOf(result.error).toEqualTypeOf<Error | undefined>();
    expectTypeOf(result.run).parameter(0).toEqualTypeOf<readonly (string | GenerateRequest)[]>();
    expectTypeOf(result.run).returns.resolves.toEqualTypeOf<readonly BatchResult<Completion>[] | null>();
    // @ts-expect-error One prompt is not a list.
    void result.run('hi');
  });
});

describe('useStream', () => {
  test('gives the fields of the snapshot, start, stop and reset', () => {
    const result = useStream();
    expectTypeOf(result).toEqualTypeOf<UseStreamResult>();
    expectTypeOf(result).toExtend<RunSnapshot>();
    expectTypeOf(result.message).toEqualTypeOf<Message>();
    expectTypeOf(result.start).returns.toEqualTypeOf<Run>();
    expectTypeOf(result.stop).toEqualTypeOf<() => void>();
  });

  test('takes every kind of source, and functions that make them', () => {
    expectTypeOf<Run>().toExtend<StreamSource>();
    expectTypeOf<AsyncIterable<string>>().toExtend<StreamSource>();
    expectTypeOf<AsyncIterable<StreamEvent>>().toExtend<StreamSource>();
    expectTypeOf<ReadableStream<string>>().toExtend<StreamSource>();
    expectTypeOf<ReadableStream<StreamEvent>>().toExtend<StreamSource>();
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<StreamSource>();
    expectTypeOf<Response>().toExtend<StreamSource>();
    expectTypeOf<Promise<Response>>().toExtend<StreamSource>();
    expectTypeOf<Promise<Run>>().toExtend<StreamSource>();
    const { start } = useStream();
    start((signal) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return client.stream('hi', { signal });
    });
    start(async (signal) => fetch('/api', { signal }));
    start(async function* () {
      yield 'text';
    });
    // @ts-expect-error A text is not a stream.
    start('text');
    // @ts-expect-error Numbers are not text.
    start(new ReadableStream<number>());
  });

  test('every option may be undefined', () => {
    expectTypeOf<{ [Name in keyof UseStreamOptions]-?: undefined }>().toExtend<UseStreamOptions>();
    expectTypeOf<UseStreamOptions['onFinish']>().toEqualTypeOf<((completion: Completion) => void) | undefined>();
    expectTypeOf<UseStreamOptions['onError']>().toEqualTypeOf<((error: LLMError) => void) | undefined>();
  });
});

describe('useChat', () => {
  const inputSchema = {} as StandardSchema<{ readonly city: string }>;
  const tools = { weather: tool({ inputSchema, execute: ({ city }) => city.length }) };

  test('types the parts by the tools', () => {
    const { messages, addToolOutput, chat } = useChat({ tools });
    for (const part of messages[0]?.parts ?? []) {
      if (part.type === 'tool-call' && part.name === 'weather') {
        expectTypeOf(part.input).toEqualTypeOf<{ readonly city: string } | undefined>();
      }
      if (part.type === 'tool-result' && part.name === 'weather' && !part.isError) {
        expectTypeOf(part.output).toEqualTypeOf<number>();
      }
    }
    // @ts-expect-error The output of this tool is a number.
    void addToolOutput({ tool: 'weather', toolCallId: 'c', output: 'sunny' });
    expectTypeOf(useMessage(chat, 'm')).toEqualTypeOf<ChatMessage<typeof tools> | undefined>();
  });

  test('what takes any chat or message takes those with tools', () => {
    const result = useChat({ tools });
    expectTypeOf(result.chat).toExtend<Chat>();
    expectTypeOf(result.messages).toExtend<readonly ChatMessage[]>();
    expectTypeOf(useChat({ chat: result.chat }).messages).toEqualTypeOf(result.messages);
    expectTypeOf(useChat().messages).toEqualTypeOf<readonly ChatMessage[]>();
  });

  test('every option may be undefined', () => {
    expectTypeOf<{ [Name in keyof UseChatOptions]-?: undefined }>().toExtend<UseChatOptions>();
  });
});

describe('useStore', () => {
  test('gives the type of the snapshot', () => {
    expectTypeOf(useStore(run)).toEqualTypeOf<RunSnapshot>();
    expectTypeOf(useStore({} as Store<{ readonly count: number }>)).toEqualTypeOf<{ readonly count: number }>();
  });

  test('gives undefined where there may be no store', () => {
    expectTypeOf(useStore({} as Store<number> | undefined)).toEqualTypeOf<number | undefined>();
  });
});

test('the provider takes a client and children', () => {
  expectTypeOf(useLLMClient()).toEqualTypeOf<LLMClient>();
  expectTypeOf(LLMClientProvider).parameter(0).toEqualTypeOf<LLMClientProviderProps>();
  expectTypeOf<LLMClientProviderProps['children']>().toEqualTypeOf<ReactNode>();
  // @ts-expect-error The client is missing.
  <LLMClientProvider />;
});

describe('useObject', () => {
  const ofZod = z.object({ name: z.string(), count: z.string().transform(Number), tags: z.array(z.string()) });
  interface Made {
    name: string;
    count: number;
    tags: string[];
  }

  test('takes what request takes, shows what goes into the schema, and gives what comes out', () => {
    const { object, final, submit, run } = useObject({
      schema: ofZod,
      request: (input: { text: string }) => input.text,
      onFinish(completion, input) {
        expectTypeOf(completion).toEqualTypeOf<ObjectCompletion<Made>>();
        expectTypeOf(input).toEqualTypeOf<{ text: string }>();
      },
      onError(error, input) {
        expectTypeOf(error).toEqualTypeOf<LLMError>();
        expectTypeOf(input).toEqualTypeOf<{ text: string }>();
      },
    });
    expectTypeOf(submit).toEqualTypeOf<(input: { text: string }) => Promise<Made | null>>();
    expectTypeOf(final).toEqualTypeOf<Made | undefined>();
    expectTypeOf(object).toEqualTypeOf<
      { readonly name?: string; readonly count?: string; readonly tags?: readonly string[] } | undefined
    >();
    expectTypeOf(run).toExtend<ObjectRun<Made, unknown> | undefined>();
    expectTypeOf(useObjectField(run, 'tags.0').value).toEqualTypeOf<string | undefined>();
    expectTypeOf(useObjectField(run, ['tags', 0]).value).toEqualTypeOf<string | undefined>();
    expectTypeOf(useObjectField(run, 'count').value).toEqualTypeOf<string | undefined>();
    expectTypeOf(useObjectField(undefined, 'count').value).toBeUnknown();
    expectTypeOf(useObjectField(run, String(name)).value).toBeUnknown();
    // @ts-expect-error -- there is no such path
    useObjectField(run, 'cuont');
    // @ts-expect-error -- nor is the length of a list one
    useObjectField(run, ['tags', 'length']);
  });

  test('takes a prompt or a request where there is no request', () => {
    const { submit } = useObject({ schema: ofZod });
    expectTypeOf(submit).parameter(0).toEqualTypeOf<string | GenerateRequest>();
  });

  test('takes schemas of valibot and arktype', () => {
    const valibot = useObject({
      schema: v.object({ count: v.pipe(v.string(), v.transform(Number)), kind: v.picklist(['a', 'b']) }),
      jsonSchema: {},
    });
    expectTypeOf(valibot.final).toEqualTypeOf<{ count: number; kind: 'a' | 'b' } | undefined>();
    expectTypeOf(valibot.object?.count).toEqualTypeOf<string | undefined>();
    const ofArktype = useObject({ schema: arktype({ 'n?': 'number' }) });
    expectTypeOf(ofArktype.final).toEqualTypeOf<{ n?: number } | undefined>();
  });

  test('gives a list of what array is', () => {
    const { object, final, run } = useObject({ array: ofZod });
    expectTypeOf(final).toEqualTypeOf<Made[] | undefined>();
    expectTypeOf(object?.[0]?.count).toEqualTypeOf<string | undefined>();
    expectTypeOf(run?.elementStream).toEqualTypeOf<AsyncIterable<Made> | undefined>();
  });

  test('needs a schema, and one only', () => {
    // @ts-expect-error -- neither
    useObject({});
    // @ts-expect-error -- both
    useObject({ schema: ofZod, array: ofZod });
  });
});
