import { tool, type Chat, type ChatMessage, type ToolSet } from '@rivulet/core/chat';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eventually, settled } from '../support/client.ts';
import { chatThat, textsOf, turns, written, type ScriptedChat } from './support.ts';

const nothing = z.object({});

interface Paying {
  readonly chat: Chat;
  readonly requests: ScriptedChat<ToolSet>['requests'];
  /** How often the tool has run. */
  readonly paid: () => number;
  readonly approvalId: string;
  /** Ends the tool that keeps the turn under way. */
  release(): void;
}

/** A chat whose last answer asks for an approval; with `isBusy`, in a turn that another tool keeps under way. */
async function payingChat(isBusy: boolean): Promise<Paying> {
  let count = 0;
  let release!: () => void;
  const gate = new Promise<string>((resolve) => {
    release = () => resolve('done');
  });
  const tools: ToolSet = {
    pay: tool({
      inputSchema: nothing,
      hasEffects: true,
      execute() {
        count += 1;
        return 'paid';
      },
    }),
    slow: tool({ inputSchema: nothing, execute: () => gate }),
  };
  const toolCalls = [{ name: 'pay', id: 'c1', input: {} }, ...(isBusy ? [{ name: 'slow', id: 'c2', input: {} }] : [])];
  const { chat, requests } = chatThat(turns({ toolCalls }, 'Done.'), { tools });
  void chat.sendMessage('pay');
  const approval = (): string | undefined => callOf(chat)?.approval?.id;
  await eventually(approval).toBeDefined();
  await settled();
  return { chat, requests, paid: () => count, approvalId: approval() ?? '', release };
}

function callOf(chat: Chat): (ChatMessage['parts'][number] & { readonly type: 'tool-call' }) | undefined {
  return chat
    .getSnapshot()
    .messages.at(-1)
    ?.parts.find((part) => part.type === 'tool-call');
}

function resultsOf(chat: Chat): unknown[] {
  const parts = chat.getSnapshot().messages.at(-1)?.parts ?? [];
  return parts.flatMap((part) => (part.type === 'tool-result' && part.toolCallId === 'c1' ? [part.output] : []));
}

describe.each([
  ['when the chat is idle', false],
  ['while another tool is at work', true],
])('answers to one call in the same task, %s', (_when, isBusy) => {
  type Step = 'allow' | 'deny' | 'output';

  it.each<[readonly Step[], number, unknown]>([
    [['deny', 'allow'], 0, 'The user denied this'],
    [['deny', 'allow', 'allow'], 0, 'The user denied this'],
    [['allow', 'allow'], 1, 'paid'],
    [['allow', 'allow', 'allow'], 1, 'paid'],
    [['allow', 'deny'], 1, 'paid'],
    [['output', 'allow'], 0, 'by hand'],
    [['output', 'output'], 0, 'by hand'],
    [['deny', 'output', 'allow'], 0, 'by hand'],
  ])('%j: the first decision counts', async (steps, runs, result) => {
    const { chat, paid, approvalId: id, release } = await payingChat(isBusy);

    const done = steps.map((step) =>
      step === 'output'
        ? chat.addToolOutput({ toolCallId: 'c1', output: 'by hand' })
        : chat.addToolApprovalResponse({ id, approved: step === 'allow' }),
    );
    release();
    await Promise.allSettled(done);
    await eventually(() => chat.getSnapshot().messages.at(-1)?.finishReason).toBe('stop');

    expect(paid()).toBe(runs);
    expect(resultsOf(chat)).toEqual([result]);
    if (steps[0] !== 'output') expect(callOf(chat)?.approval?.approved).toBe(steps[0] === 'allow');
  });

  it.each<[string, (chat: Chat, id: string) => Promise<void>]>([
    ['an approval', (chat, id) => chat.addToolApprovalResponse({ id, approved: true })],
    ['a denial', (chat, id) => chat.addToolApprovalResponse({ id, approved: false })],
    ['an output', (chat) => chat.addToolOutput({ toolCallId: 'c1', output: 'by hand' })],
    ['an error', (chat) => chat.addToolOutput({ toolCallId: 'c1', errorText: 'no' })],
  ])('a stop right after %s is obeyed', async (_name, answer) => {
    for (const end of [(chat: Chat) => chat.stop(), (chat: Chat) => chat.setMessages((messages) => messages)]) {
      const { chat, requests, paid, approvalId, release } = await payingChat(isBusy);

      const done = answer(chat, approvalId);
      end(chat);
      release();
      await done;
      await settled();

      expect(paid()).toBe(0);
      expect(requests).toHaveLength(1);
      expect(chat.getSnapshot().status).toBe('ready');
    }
  });
});

describe('an answer to a call of a step that is still being written', () => {
  it.each<[string, boolean]>([
    ['is followed by the next step', false],
    ['is followed by nothing after a stop', true],
  ])('%s', async (_name, isStopped) => {
    const { reply, send, finish } = written();
    const tools: ToolSet = { ask: tool({ inputSchema: nothing }) };
    const { chat, requests } = chatThat(turns(reply, 'Done.'), { tools });
    void chat.sendMessage('ask');
    const toolCall = { id: 'c1', name: 'ask', rawInput: '{}', input: {} };
    send({ type: 'tool-call-start', index: 0, id: 'c1', name: 'ask' });
    send({ type: 'tool-call', index: 0, toolCall });
    await eventually(() => callOf(chat)).toBeDefined();

    const done = chat.addToolOutput({ toolCallId: 'c1', output: 'by hand' });
    if (isStopped) chat.stop();
    else {
      send({ type: 'finish', reason: 'tool-calls' });
      finish();
    }
    await done;
    await settled();

    expect(resultsOf(chat)).toEqual(['by hand']);
    expect(requests).toHaveLength(isStopped ? 1 : 2);
    expect(chat.getSnapshot().status).toBe('ready');
  });
});

describe('regenerate and continueAnswer in one task', () => {
  it('show the answer that comes', async () => {
    const { chat, requests } = chatThat(turns('old', 'new'));
    await chat.sendMessage('q');
    await Promise.all([chat.regenerate(), chat.continueAnswer()]);
    expect(requests).toHaveLength(2);
    expect(textsOf(chat)).toEqual(['user: q', 'assistant: new']);
  });

  it('show the answer before if nothing comes', async () => {
    const { chat } = chatThat(turns('old', written().reply));
    await chat.sendMessage('q');
    const both = [chat.regenerate(), chat.continueAnswer()];
    chat.stop();
    await Promise.all(both);
    expect(textsOf(chat)).toEqual(['user: q', 'assistant: old']);
  });
});
