import { LLMClient, LLMError, type MessageInput, type StreamEvent, type ToolCallPart } from '@rivulet/core';
import { createChat, tool, toolStateOf, type Chat, type ChatMessage, type ChatOptions } from '@rivulet/core/chat';
import { scripted, type ScriptedReply } from '@rivulet/core/scripted';
import * as z from 'zod';

/** A reproducible source of random numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ModelOptions {
  /** How many actions of the user and of the page. */
  readonly actions?: number;
}

/** What happened, and which promises about a chat did not hold. */
export interface ModelOutcome {
  readonly log: readonly string[];
  readonly violations: readonly string[];
}

interface Work {
  readonly name: string;
  isSettled: boolean;
  failure?: unknown;
}

/** A chat that is busy for so long is stuck, in ms. */
const STUCK_MS = 5000;

const nothing = z.object({});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function callsOf(message: ChatMessage): ToolCallPart[] {
  return message.parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
}

/**
 * Plays a random conversation with a model, tools, a user and a page that do anything at any time, and checks afterwards
 * that the chat has settled, that nothing is lost in its queue, and that its history is valid. A seed plays the same
 * conversation again, as far as timers allow.
 */
export async function playChat(seed: number, { actions = 30 }: ModelOptions = {}): Promise<ModelOutcome> {
  const random = randomOf(seed);
  const log: string[] = [];
  const violations: string[] = [];
  const works: Work[] = [];
  const releases: (() => void)[] = [];
  /** Calls that a person has allowed and that have not run since. */
  const allowed = new Set<string>();
  /** Decisions of this task, by the id of the approval: the first one counts. */
  const decisions = new Map<string, boolean>();
  /** Towards the end, the model and the tools do what they should. */
  let isCalm = false;
  /** A stop, or a failure, leaves the queue as it is until the next turn. */
  let mayKeepQueue = false;
  let isSettling = false;
  /** Whether something has begun since the last stop that never ends. */
  let isEndless = false;
  let calls = 0;
  let failingOptions = 0;

  function chance(probability: number): boolean {
    return random() < probability;
  }

  function pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(random() * items.length)];
  }

  function held(): Promise<string> {
    return new Promise((resolve) => releases.push(() => resolve('held')));
  }

  function endless(): Promise<never> {
    isEndless = true;
    return new Promise(() => undefined);
  }

  function throwAnything(): never {
    throw pick<() => unknown>([
      () => new Error('failed'),
      () => Object.create(null) as unknown,
      () => undefined,
      () => 'text',
      () => new DOMException('Stopped by itself', 'AbortError'),
      () => Object.freeze(new Error('frozen')),
    ])?.();
  }

  function failure(): unknown {
    return pick([new Error('failed'), Object.freeze(new Error('frozen')), 'text', undefined]);
  }

  const tools = {
    quick: tool({ inputSchema: nothing, execute: () => 'quick' }),
    held: tool({ inputSchema: nothing, execute: () => (isCalm ? 'calm' : held()) }),
    endless: tool({
      inputSchema: nothing,
      execute: () => (isCalm ? 'calm' : endless()),
    }),
    failing: tool({ inputSchema: nothing, execute: throwAnything }),
    odd: tool({ inputSchema: nothing, execute: () => pick<unknown>([1n, new Map(), NaN, undefined, Symbol('s')]) }),
    ask: tool({ inputSchema: nothing }),
    pay: tool({
      inputSchema: nothing,
      hasEffects: true,
      execute(_, { toolCallId }) {
        if (!allowed.delete(toolCallId)) violations.push(`${toolCallId} was carried out without approval`);
        return isCalm || chance(0.7) ? 'paid' : held();
      },
    }),
    picky: tool({
      inputSchema: nothing,
      needsApproval: () => (chance(0.3) ? throwAnything() : chance(0.5)),
      execute: () => 'picky',
    }),
  };

  async function* written(): AsyncGenerator<string | StreamEvent> {
    const end = isCalm ? 0 : random();
    const count = Math.floor(random() * 3);
    for (let at = 0; at < count; at += 1) {
      if (chance(0.5)) await nextTurn();
      yield { type: 'text', delta: `${at} ` };
    }
    if (end < 0.12) await endless();
    if (end < 0.2) return;
    if (end < 0.27) throw failure();
    yield { type: 'finish', reason: pick(['stop', 'length', 'content-filter', 'refusal'] as const) ?? 'stop' };
  }

  /** Calls that the provider marks as allowed, with the same approval. */
  function decidedCalls(): StreamEvent[] {
    const events = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, index): StreamEvent => {
      calls += 1;
      const approval = { id: 'approval', ...(chance(0.7) && { approved: chance(0.7) }) };
      return {
        type: 'tool-call',
        index,
        toolCall: Object.assign({ id: `call-${calls}`, name: 'pay', rawInput: '{}' }, { approval }),
      };
    });
    return [...events, { type: 'finish', reason: 'tool-calls' }];
  }

  function reply(): ScriptedReply | Promise<ScriptedReply> {
    if (isCalm) return 'Calm.';
    const kind = random();
    if (kind < 0.3) return written();
    if (kind < 0.4) return 'Done.';
    if (kind < 0.44) throw failure();
    if (kind < 0.52) {
      const code = pick(['server', 'invalid_request', 'context_length', 'network'] as const) ?? 'server';
      return { text: chance(0.4) ? 'So far' : '', error: new LLMError('Refused', { code }) };
    }
    if (kind < 0.55) return { text: 'Let me', finishReason: 'pause' };
    if (kind < 0.62) return decidedCalls();
    const names = [...Object.keys(tools), 'unknown', 'constructor'];
    const toolCalls = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
      calls += 1;
      const name = pick(names) ?? 'quick';
      // Some servers begin again with each step, and some use an id twice in one.
      const id = name === 'pay' || chance(0.8) ? `call-${calls}` : 'call';
      return chance(0.1) ? { name, id, rawInput: '{"a":' } : { name, id, input: {} };
    });
    const answer = { text: chance(0.5) ? 'I look.' : '', toolCalls };
    return chance(0.05) ? endless() : answer;
  }

  const provider = scripted(() => reply());
  const client = new LLMClient({ provider, retry: false });
  const options: ChatOptions = {
    client,
    tools,
    maxSteps: 4,
    ...(chance(0.2) && { whenBusy: chance(0.5) ? 'replace' : 'reject' }),
    ...(chance(0.3) && {
      async prepareMessages(messages) {
        if (!isCalm && chance(0.2)) await nextTurn();
        if (!isCalm && chance(0.05)) throwAnything();
        return messages;
      },
    }),
    ...(chance(0.3) && { onContextLength: (messages) => (chance(0.5) ? messages.slice(-1) : undefined) }),
  };
  const chat: Chat = createChat(() => {
    if (failingOptions > 0 && !isCalm) {
      failingOptions -= 1;
      throwAnything();
    }
    return options;
  });

  function start(name: string, work: () => Promise<unknown> | void): void {
    log.push(name);
    const entry: Work = { name, isSettled: false };
    works.push(entry);
    void follow(entry, work);
  }

  async function follow(entry: Work, work: () => Promise<unknown> | void): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      entry.failure = thrown;
    }
    entry.isSettled = true;
  }

  function allMessages(): readonly ChatMessage[] {
    return chat.getThread().messages;
  }

  function allCalls(): { readonly message: ChatMessage; readonly call: ToolCallPart }[] {
    return allMessages().flatMap((message) => callsOf(message).map((call) => ({ message, call })));
  }

  function stopLike(action: () => void): void {
    mayKeepQueue = true;
    action();
  }

  function decide(call: ToolCallPart, isApproved: boolean): Promise<void> {
    const { id = 'none', approved } = call.approval ?? {};
    const isFirst = approved === undefined && !decisions.has(id);
    if (isFirst) {
      if (decisions.size === 0) queueMicrotask(() => decisions.clear());
      decisions.set(id, isApproved);
      if (isApproved) allowed.add(call.id);
      else allowed.delete(call.id);
    }
    return chat.addToolApprovalResponse({ id, approved: isApproved });
  }

  function undecided(): ToolCallPart | undefined {
    return pick(allCalls().filter(({ call }) => call.approval && call.approval.approved === undefined))?.call;
  }

  /** A stop is the end, unless something else is done after it. */
  async function stop(): Promise<void> {
    const count = works.length;
    stopLike(() => chat.stop());
    const asked = provider.requests.length;
    await nextTurn();
    if (works.length > count) return;
    check(!isBusy(), 'the chat is busy after a stop');
    check(provider.requests.length === asked, 'the model is asked after a stop');
  }

  let sent = 0;
  const ACTIONS: readonly (readonly [number, string, () => Promise<unknown> | void])[] = [
    [
      8,
      'send',
      () => {
        sent += 1;
        return chat.sendMessage({ text: `${sent}`, ...(chance(0.1) && { id: `message-${Math.floor(random() * 5)}` }) });
      },
    ],
    [
      1,
      'send a file',
      () => {
        const file = new File(['x'], 'x.txt');
        if (chance(0.5)) file.arrayBuffer = () => Promise.reject(new Error('gone'));
        return chat.sendMessage({ text: 'file', files: [file] });
      },
    ],
    [1, 'send what is refused', () => chat.sendMessage({ text: 'x', metadata: { id: 1n } })],
    [2, 'edit', () => chat.sendMessage({ text: 'edited', messageId: pick(allMessages())?.id ?? 'none' })],
    [3, 'regenerate', () => chat.regenerate(chance(0.5) ? undefined : pick(allMessages())?.id)],
    [2, 'continue', () => chat.continueAnswer()],
    [2, 'stop', () => stop()],
    [2, 'selectBranch', () => chat.selectBranch(pick(allMessages())?.id ?? 'none')],
    [
      1,
      'setMessages',
      () =>
        stopLike(() => chat.setMessages((messages) => messages.slice(0, Math.floor(random() * (messages.length + 1))))),
    ],
    [0.3, 'setThread', () => stopLike(() => chat.setThread(chat.getThread()))],
    [0.3, 'clear', () => stopLike(() => chat.clear())],
    [0.5, 'clearError', () => chat.clearError()],
    [0.7, 'removeQueued', () => chat.removeQueued(pick(chat.getSnapshot().queue)?.id ?? 'none')],
    [
      4,
      'answer a call',
      () => {
        const found = pick(allCalls());
        const toolCallId = found?.call.id ?? 'none';
        return chat.addToolOutput(chance(0.7) ? { toolCallId, output: 'by hand' } : { toolCallId, errorText: 'no' });
      },
    ],
    [
      4,
      'decide',
      () => {
        const found = pick(allCalls().filter(({ call }) => call.approval));
        return found && decide(found.call, chance(0.7));
      },
    ],
    [
      2,
      'decide twice',
      async () => {
        const call = undecided();
        if (call) await Promise.all([decide(call, chance(0.5)), decide(call, chance(0.5))]);
      },
    ],
    [
      1,
      'decide and stop',
      async () => {
        const call = undecided();
        if (call) await Promise.all([decide(call, chance(0.7)), stop()]);
      },
    ],
    [
      1,
      'answer a call and stop',
      async () => {
        const toolCallId = pick(allCalls())?.call.id ?? 'none';
        await Promise.all([chat.addToolOutput({ toolCallId, output: 'by hand' }), stop()]);
      },
    ],
    [2, 'release', () => releases.shift()?.()],
    [0.4, 'options throw', () => void (failingOptions = 1 + Math.floor(random() * 2))],
  ];
  const total = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);

  function act(): void {
    let at = random() * total;
    for (const [weight, name, action] of ACTIONS) {
      at -= weight;
      if (at < 0) return start(name, action);
    }
  }

  let depth = 0;
  chat.subscribe(() => {
    const { status } = chat.getSnapshot();
    if (status === 'submitted') mayKeepQueue = false;
    if (status === 'error') mayKeepQueue = true;
    // A listener may do anything too, in the middle of a change.
    if (isSettling || depth > 1 || !chance(0.03)) return;
    depth += 1;
    log.push('in a listener:');
    act();
    depth -= 1;
  });

  function isBusy(): boolean {
    const { status } = chat.getSnapshot();
    return status === 'submitted' || status === 'streaming';
  }

  async function quiet(): Promise<void> {
    for (let wait = 0; wait < 12; wait += 1) await nextTurn();
  }

  async function settle(): Promise<void> {
    await quiet();
    const giveUpMs = performance.now() + STUCK_MS;
    for (let wait = 1; isBusy() && performance.now() < giveUpMs; wait += 1) {
      for (const release of releases.splice(0)) release();
      await nextTurn();
      if (wait % 20 === 0 && isEndless) {
        log.push('stop what never ends');
        isEndless = false;
        stopLike(() => chat.stop());
      }
    }
    await quiet();
  }

  function check(isTrue: boolean, violation: string): void {
    if (!isTrue) violations.push(violation);
  }

  function needsPerson(message: ChatMessage | undefined): boolean {
    return (
      message?.role === 'assistant' &&
      callsOf(message).some((call) => {
        const { state } = toolStateOf(message, call as never);
        return state === 'input-available' || state === 'approval-requested' || state === 'approval-responded';
      })
    );
  }

  function checkSettled(when: string): void {
    const { status, error, messages, queue } = chat.getSnapshot();
    check(status === 'ready' || status === 'error', `${when}: status is ${status}`);
    check(
      (status === 'error') === (error !== undefined),
      `${when}: status ${status} with error ${String(error?.code)}`,
    );
    const isKept = mayKeepQueue || allMessages().some(needsPerson);
    check(queue.length === 0 || isKept, `${when}: ${queue.length} messages are stuck in the queue`);

    const all = allMessages();
    const byId = new Map(all.map((message) => [message.id, message]));
    check(byId.size === all.length, `${when}: an id is there twice`);
    for (const { id, parentId } of all) {
      check(parentId === undefined || byId.has(parentId), `${when}: the parent of ${id} is missing`);
      const seen = new Set<string>();
      for (let above: string | undefined = id; above !== undefined; above = byId.get(above)?.parentId) {
        if (seen.has(above)) {
          violations.push(`${when}: the parents of ${id} form a circle`);
          break;
        }
        seen.add(above);
      }
    }
    messages.forEach((message, index) => {
      check(message.parentId === messages[index - 1]?.id, `${when}: shown messages do not follow each other`);
      check(byId.get(message.id) === message, `${when}: a shown message is not that of the thread`);
    });
    for (const message of all) {
      if (message.role !== 'assistant') continue;
      check(message.finishReason !== undefined, `${when}: an answer has no finishReason`);
      const hasEnded = message.finishReason !== 'aborted' && message.finishReason !== 'interrupted';
      for (const call of callsOf(message)) {
        const { state } = toolStateOf(message, call as never);
        check(state !== 'input-streaming', `${when}: ${call.id} is still input-streaming`);
        check(!hasEnded || state !== 'approval-responded', `${when}: ${call.id} is decided and not carried out`);
      }
    }
  }

  /** Providers reject a history in which a call has no result, or a result no call. */
  function checkHistory(messages: readonly MessageInput[]): void {
    let open = new Set<string>();
    for (const message of messages) {
      if (message.role !== 'tool') {
        check(open.size === 0, `a request has calls without results: ${[...open].join()}`);
        open = new Set();
      }
      for (const part of message.parts ?? []) {
        if (part.type === 'tool-call') {
          check(!open.has(part.id), `a request has the call ${part.id} twice in one step`);
          open.add(part.id);
        } else if (part.type === 'tool-result') {
          check(open.delete(part.toolCallId), `a request has a result without a call: ${part.toolCallId}`);
        }
      }
    }
    check(open.size === 0, `a request has calls without results: ${[...open].join()}`);
  }

  for (let step = 0; step < actions; step += 1) {
    act();
    const waits = Math.floor(random() * 4);
    for (let wait = 0; wait < waits; wait += 1) await (chance(0.5) ? nextTurn() : Promise.resolve());
  }
  failingOptions = 0;
  log.push('settle');
  isSettling = true;
  await settle();
  checkSettled('after the actions');

  isCalm = true;
  log.push('send the rest');
  start('last send', () => chat.sendMessage('last'));
  await settle();
  for (let round = 0; chat.getSnapshot().queue.length > 0 && round < 5; round += 1) {
    start('send once more', () => chat.sendMessage('once more'));
    await settle();
  }
  checkSettled('at the end');
  check(chat.getSnapshot().queue.length === 0, 'the queue does not drain');
  check(chat.getSnapshot().status === 'ready', 'a calm message was not answered');
  for (const { name, isSettled, failure } of works) {
    check(isSettled, `${name} never settles`);
    if (failure !== undefined && failure instanceof LLMError) {
      check(failure.code === 'invalid_request', `${name} rejects with ${failure.code}: ${failure.message}`);
    }
  }
  for (const { messages } of provider.requests) checkHistory(messages);
  return { log, violations: [...new Set(violations)] };
}
