import type { LLMClient, Part } from '@rivulet/core';
import { createChat, tool, type Chat, type ChatMessage, type ChatPart } from '@rivulet/core/chat';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

declare const client: LLMClient;

const question = z.object({ question: z.string() });

const tools = {
  weather: tool({
    inputSchema: z.object({ city: z.string(), days: z.string().transform(Number) }),
    execute({ city, days }) {
      expectTypeOf(city).toEqualTypeOf<string>();
      expectTypeOf(days).toEqualTypeOf<number>();
      return Promise.resolve({ celsius: days });
    },
  }),
  ask: tool<typeof question, boolean>({ inputSchema: question }),
  confirm: tool({
    inputSchema: v.object({ text: v.string() }),
    jsonSchema: {},
    needsApproval: ({ text }) => text !== '',
  }),
};

describe('the parts of a chat with tools', () => {
  const chat = createChat({ client, tools });
  type AnyPart = ReturnType<typeof chat.getSnapshot>['messages'][number]['parts'][number];

  it('are told apart by the name of the tool', () => {
    const part = {} as AnyPart;
    if (part.type === 'tool-call') {
      if (part.name === 'weather') expectTypeOf(part.input).toEqualTypeOf<{ city: string; days: string } | undefined>();
      else if (part.name === 'confirm') expectTypeOf(part.input).toEqualTypeOf<{ text: string } | undefined>();
      else if (part.name !== 'ask') expectTypeOf(part.input).toEqualTypeOf<unknown>();
    }
    if (part.type === 'tool-result' && part.name === 'weather' && !part.isError) {
      expectTypeOf(part.output).toEqualTypeOf<{ celsius: number }>();
    }
    // @ts-expect-error -- there is no such tool
    // oxlint-disable-next-line typescript/no-unsafe-enum-comparison -- the linter sees it too
    if (part.type === 'tool-call' && part.name === 'wether') expectTypeOf(part).toBeNever();
  });

  it('are parts of the core', () => {
    expectTypeOf<AnyPart>().toExtend<Part>();
    expectTypeOf<ChatPart>().toExtend<Part>();
    expectTypeOf<Part>().toExtend<ChatPart>();
  });

  it('have outputs of their type', () => {
    void chat.addToolOutput({ tool: 'ask', toolCallId: 'c', output: true });
    void chat.addToolOutput({ tool: 'ask', toolCallId: 'c', errorText: 'No' });
    // @ts-expect-error -- the output of this tool is a boolean
    void chat.addToolOutput({ tool: 'ask', toolCallId: 'c', output: 'yes' });
    // @ts-expect-error -- there is no such tool
    void chat.addToolOutput({ tool: 'none', toolCallId: 'c', output: 'yes' });
  });

  it('may be any in what takes any chat', () => {
    function take(_: Chat): void {}
    take(chat);
    take(createChat({ client }));
    expectTypeOf(createChat({ client }).getSnapshot().messages).toEqualTypeOf<readonly ChatMessage[]>();
  });
});
