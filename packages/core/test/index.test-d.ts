import {
  LLMClient,
  type CallOptions,
  type Completion,
  type FinishReason,
  type GenerateRequest,
  type LLMConfig,
  type LLMError,
  type LLMErrorCode,
  type Message,
  type Part,
  type PartialCompletion,
  type Run,
  type RunSnapshot,
  type RunSource,
  type Store,
  type StreamEvent,
  type TimeoutOptions,
  type ToolCall,
  type Usage,
} from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expectTypeOf, it } from 'vitest';

const client = new LLMClient({ provider: openai(), model: 'model-1' });

describe('parts', () => {
  it('are told apart by their type', () => {
    function look(part: Part): void {
      switch (part.type) {
        case 'text':
        case 'reasoning':
        case 'refusal':
          expectTypeOf(part.text).toEqualTypeOf<string>();
          break;
        case 'tool-call':
          expectTypeOf(part).toExtend<ToolCall>();
          expectTypeOf(part.input).toEqualTypeOf<unknown>();
          break;
        case 'tool-result':
          expectTypeOf(part.output).toEqualTypeOf<unknown>();
          break;
        case 'source':
          expectTypeOf(part.url).toEqualTypeOf<string | undefined>();
          break;
        case 'file':
          expectTypeOf(part.mediaType).toEqualTypeOf<string>();
          break;
        case 'data':
          expectTypeOf(part.data).toEqualTypeOf<unknown>();
          break;
        default:
          expectTypeOf(part).toBeNever();
      }
      expectTypeOf(part.providerMetadata).toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>();
    }
    expectTypeOf(look).toBeFunction();
  });

  it('cannot be changed', () => {
    expectTypeOf<Message['parts']>().toEqualTypeOf<readonly Part[]>();
    expectTypeOf<Message['role']>().toEqualTypeOf<'system' | 'user' | 'assistant' | 'tool'>();
  });
});

describe('events', () => {
  it('are told apart by their type', () => {
    function look(event: StreamEvent): void {
      if (event.type === 'text') expectTypeOf(event.delta).toEqualTypeOf<string>();
      if (event.type === 'reasoning') expectTypeOf(event.index).toEqualTypeOf<number | undefined>();
      if (event.type === 'tool-call-start') expectTypeOf(event.name).toEqualTypeOf<string>();
      if (event.type === 'tool-call-delta') expectTypeOf(event.index).toEqualTypeOf<number>();
      if (event.type === 'tool-call') expectTypeOf(event.toolCall).toEqualTypeOf<ToolCall>();
      if (event.type === 'usage') expectTypeOf(event.usage).toEqualTypeOf<Usage>();
      if (event.type === 'finish') expectTypeOf(event.reason).toEqualTypeOf<FinishReason>();
    }
    expectTypeOf(look).toBeFunction();
    expectTypeOf<StreamEvent['type']>().toEqualTypeOf<
      | 'start'
      | 'text'
      | 'reasoning'
      | 'refusal'
      | 'tool-call-start'
      | 'tool-call-delta'
      | 'tool-call'
      | 'tool-result'
      | 'tool-approval-request'
      | 'source'
      | 'file'
      | 'data'
      | 'step'
      | 'metadata'
      | 'usage'
      | 'finish'
    >();
  });
});

describe('a completion', () => {
  it('has a finish reason, and a partial one may', () => {
    expectTypeOf<FinishReason>().toEqualTypeOf<
      'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'pause' | 'other'
    >();
    expectTypeOf<Completion['finishReason']>().toEqualTypeOf<FinishReason>();
    expectTypeOf<PartialCompletion['finishReason']>().toEqualTypeOf<FinishReason | undefined>();
    expectTypeOf<RunSnapshot['finishReason']>().toEqualTypeOf<FinishReason | 'aborted' | undefined>();
    expectTypeOf<Completion>().toExtend<PartialCompletion>();
  });

  it('is what the client gives', () => {
    expectTypeOf(client.complete('hello')).toEqualTypeOf<Promise<Completion>>();
    expectTypeOf(client.stream({ prompt: 'hello' })).toEqualTypeOf<Run>();
    expectTypeOf<Run>().toExtend<Store<RunSnapshot>>();
    expectTypeOf<Run>().toExtend<AsyncIterable<StreamEvent>>();
    expectTypeOf<Run>().toExtend<RunSource>();
    expectTypeOf<Run['textStream']>().toEqualTypeOf<AsyncIterable<string>>();
    expectTypeOf<RunSnapshot['status']>().toEqualTypeOf<'ready' | 'submitted' | 'streaming' | 'error'>();
  });

  it('has a message that can be sent back', () => {
    expectTypeOf<Completion['message']>().toExtend<NonNullable<GenerateRequest['messages']>[number]>();
  });
});

describe('options', () => {
  it('need a provider, and nothing else', () => {
    expectTypeOf<{ provider: LLMConfig['provider'] }>().toExtend<LLMConfig>();
    // @ts-expect-error the provider is missing
    void new LLMClient({ model: 'model-1' });
    // @ts-expect-error an unknown option
    void new LLMClient({ provider: openai(), apiKey: 'key' });
  });

  it('may be null where nothing shall be sent, and undefined where nothing is said', () => {
    expectTypeOf<LLMConfig['temperature']>().toEqualTypeOf<number | null | undefined>();
    expectTypeOf<GenerateRequest['maxTokens']>().toEqualTypeOf<number | null | undefined>();
    expectTypeOf<{ model: undefined; system: undefined; retry: undefined }>().toExtend<Partial<LLMConfig>>();
    expectTypeOf<{ prompt: undefined; tools: undefined }>().toExtend<GenerateRequest>();
    expectTypeOf<{ signal: undefined; headers: undefined }>().toExtend<CallOptions>();
  });

  it('have deadlines that may be off', () => {
    expectTypeOf<TimeoutOptions[keyof TimeoutOptions]>().toEqualTypeOf<number | false | undefined>();
    expectTypeOf<CallOptions['retry']>().toEqualTypeOf<LLMConfig['retry']>();
  });
});

describe('errors', () => {
  it('have a code to switch on', () => {
    expectTypeOf<LLMError['code']>().toEqualTypeOf<LLMErrorCode>();
    expectTypeOf<LLMErrorCode>().toEqualTypeOf<
      | 'config'
      | 'rate_limit'
      | 'insufficient_quota'
      | 'authentication'
      | 'permission_denied'
      | 'not_found'
      | 'invalid_request'
      | 'context_length'
      | 'overloaded'
      | 'server'
      | 'network'
      | 'timeout'
      | 'truncated'
      | 'parse'
      | 'validation'
      | 'refusal'
      | 'limit'
      | 'unknown'
    >();
    expectTypeOf<LLMError['partial']>().toEqualTypeOf<PartialCompletion | undefined>();
  });
});
