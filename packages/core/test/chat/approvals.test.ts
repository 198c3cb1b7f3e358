import { LLMClient, type Provider, type StreamEvent, type ToolCallPart } from '@rivulet/core';
import { createChat, tool, toolStateOf, type Chat, type ToolSet } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startHttpServer, type Answer } from '../../../../test/support/http-server.ts';
import { turns } from './support.ts';

interface Paying {
  readonly chat: Chat;
  /** The amounts that were paid. */
  readonly paid: readonly number[];
}

function payingChat(provider: Provider, more: object = { needsApproval: true }): Paying {
  const paid: number[] = [];
  const tools: ToolSet = {
    pay: tool({
      inputSchema: z.object({ amount: z.number() }),
      ...more,
      execute({ amount }) {
        paid.push(amount);
        return 'paid';
      },
    }),
  };
  return { chat: createChat({ client: new LLMClient({ provider, retry: false }), tools, maxSteps: 2 }), paid };
}

function callsOf(chat: Chat): readonly ToolCallPart[] {
  return chat
    .getSnapshot()
    .messages.flatMap(({ parts }) => parts.filter((part): part is ToolCallPart => part.type === 'tool-call'));
}

function statesOf(chat: Chat): readonly string[] {
  return chat
    .getSnapshot()
    .messages.flatMap((message) =>
      message.parts.flatMap((part) => (part.type === 'tool-call' ? [toolStateOf(message, part).state] : [])),
    );
}

/** The frames of a call of the AI SDK's stream, with the approval that is asked for. */
function callFrames(id: string, amount: number, approvalId: string): readonly object[] {
  return [
    { type: 'tool-input-start', toolCallId: id, toolName: 'pay' },
    { type: 'tool-input-available', toolCallId: id, toolName: 'pay', input: { amount } },
    { type: 'tool-approval-request', approvalId, toolCallId: id },
  ];
}

function answerOf(messageId: string, ...frames: readonly object[]): string {
  return [{ type: 'start', messageId }, { type: 'start-step' }, ...frames, { type: 'finish-step' }, { type: 'finish' }]
    .map((frame) => `data: ${JSON.stringify(frame)}\n\n`)
    .concat('data: [DONE]\n\n')
    .join('');
}

/** Answers one request after the other. */
function answersWith(...bodies: readonly string[]): () => Answer {
  const headers = { 'content-type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1' };
  let at = 0;
  return () => {
    const text = bodies[at] ?? answerOf(`end-${at}`);
    at += 1;
    return { headers, chunks: [{ text }] };
  };
}

const approvedCall = (approval: ToolCallPart['approval']): StreamEvent[] => [
  {
    type: 'tool-call',
    index: 0,
    toolCall: Object.assign({ id: 'c', name: 'pay', rawInput: '{"amount":1}', input: { amount: 1 } }, { approval }),
  },
  { type: 'finish', reason: 'tool-calls' },
];

describe('a call that a provider marks as approved waits for a person all the same', () => {
  it.each([true, false])('in a stream of a backend (approved: %s)', async (approved) => {
    const response = { type: 'tool-approval-response', approvalId: 'ap', toolCallId: 'c', approved };
    await using server = await startHttpServer(
      answersWith(answerOf('m', ...callFrames('c', 1, 'ap'), response), answerOf('n')),
    );
    const { chat, paid } = payingChat(uiMessageStream({ api: server.url }));

    await chat.sendMessage('pay');

    expect(paid).toEqual([]);
    expect(statesOf(chat)).toEqual(['approval-requested']);
    await chat.addToolApprovalResponse({ id: 'ap', approved: true });
    expect(paid).toEqual([1]);
  });

  it('in an event of another provider, and also when the chat goes on by itself', async () => {
    const { chat, paid } = payingChat(scripted(turns(approvedCall({ id: 'ap', approved: true }), 'Done.')));

    await chat.sendMessage('pay');
    await chat.continueAnswer();

    expect(paid).toEqual([]);
    expect(statesOf(chat)).toEqual(['approval-requested']);
  });
});

describe('a tool with effects', () => {
  const values: readonly (readonly [string, unknown, boolean])[] = [
    ['undefined', undefined, true],
    ['null', null, true],
    ['NaN', NaN, true],
    ['0', 0, true],
    ['true', true, true],
    ['a function that returns nothing', () => undefined, true],
    ['a function that returns null', () => null, true],
    ['a function that returns a promise of undefined', async () => undefined, true],
    ['a function that returns text', () => '', true],
    ['false', false, false],
    ['a function that returns false', () => false, false],
    ['a function that returns a promise of false', async () => false, false],
  ];

  it.each(values)('with needsApproval %s runs without a person only for false', async (_name, needsApproval, asks) => {
    const { chat, paid } = payingChat(scripted(turns(approvedCall(undefined), 'Done.')), {
      hasEffects: true,
      needsApproval,
    });

    await chat.sendMessage('pay');

    expect(paid).toEqual(asks ? [] : [1]);
    expect(statesOf(chat)).toEqual([asks ? 'approval-requested' : 'output-available']);
  });
});

describe('two calls with the same approval id', () => {
  it('are allowed one by one within a step', async () => {
    const calls = [...callFrames('c1', 1, 'ap'), ...callFrames('c2', 1_000_000, 'ap')];
    await using server = await startHttpServer(answersWith(answerOf('m', ...calls)));
    const { chat, paid } = payingChat(uiMessageStream({ api: server.url }));
    await chat.sendMessage('pay');
    const [small, big] = callsOf(chat);
    const id = small?.approval?.id ?? '';

    await Promise.all([
      chat.addToolApprovalResponse({ id, approved: true }),
      chat.addToolApprovalResponse({ id, approved: true }),
    ]);
    await chat.addToolApprovalResponse({ id, approved: true });

    expect(id).toBe('ap');
    expect(big?.approval?.id).not.toBe('ap');
    expect(paid).toEqual([1]);
    expect(statesOf(chat)).toEqual(['output-available', 'approval-requested']);
    await chat.addToolApprovalResponse({ id: big?.approval?.id ?? '', approved: true });
    expect(paid).toEqual([1, 1_000_000]);
  });

  it('are allowed one by one across steps and messages', async () => {
    await using server = await startHttpServer(
      answersWith(
        answerOf('m', ...callFrames('c1', 1, 'ap')),
        answerOf('m', ...callFrames('c2', 2, 'ap')),
        answerOf('n', ...callFrames('c3', 3, 'ap')),
      ),
    );
    const { chat, paid } = payingChat(uiMessageStream({ api: server.url }));
    const repeat = (): Promise<void> => chat.addToolApprovalResponse({ id: 'ap', approved: true });

    await chat.sendMessage('pay');
    await repeat();
    expect(paid).toEqual([1]);
    await repeat();
    await chat.sendMessage('pay more');
    await repeat();

    expect(paid).toEqual([1]);
    expect(new Set(callsOf(chat).map(({ approval }) => approval?.id)).size).toBe(3);
  });
});
