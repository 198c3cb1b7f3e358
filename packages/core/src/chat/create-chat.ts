import { LLMError } from '../error.ts';
import { newId } from '../id.ts';
import { partsOf, type MessageInput, type Part, type ToolApproval, type ToolCallPart } from '../message.ts';
import { overlay } from '../overlay.ts';
import type { ProviderSupport } from '../providers/provider.ts';
import { abortable } from '../run/abortable.ts';
import type { Run, RunSnapshot, RunStatus } from '../run/run.ts';
import { createPacedStore } from '../store.ts';
import type { Chat, ChatSnapshot } from './chat.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';
import type { ChatInput, ChatOptions, ChatRequestOptions } from './chat-options.ts';
import { readFile, toFilePart } from './file-parts.ts';
import { openCallsOf } from './open-calls.ts';
import { toRequestMessages } from './request-messages.ts';
import { createTree } from './thread.ts';
import type { CallResult, Tool, ToolSet } from './tool.ts';

interface Queued {
  readonly message: ChatMessage;
  readonly input: ChatInput;
  readonly options: ChatRequestOptions | undefined;
  readonly settle: () => void;
}

/** What is under way. */
interface Turn {
  readonly controller: AbortController;
  /** Calls that are being carried out, by id. */
  readonly calls: Map<string, Promise<void>>;
  /** The last message: the one to answer, or the answer to go on with. */
  last: string | undefined;
}

/** What a step is for, besides the answer to a message. */
interface Step {
  /** Another answer than those that are there. */
  readonly isAnother?: boolean | undefined;
  /** The answer that it is asked for in place of. */
  readonly replaces?: string | undefined;
  /** The answer was cut, or the person wants more of it. */
  readonly goesOn?: boolean | undefined;
  /** A call was answered from outside. */
  readonly isAnswered?: boolean | undefined;
  readonly resume?: boolean | undefined;
}

const REQUEST_FIELDS = [
  'system',
  'model',
  'temperature',
  'maxTokens',
  'stop',
  'toolChoice',
  'reasoning',
  'providerOptions',
] as const;

function invalid(message: string): LLMError {
  return new LLMError(message, { code: 'invalid_request' });
}

/** A callback that throws is its owner's bug, and reported as such. */
function tell(callback: () => void): void {
  void (async () => callback())();
}

function toMessages(messages: readonly MessageInput[]): ChatMessage[] {
  // What is a message already stays the same object.
  return messages.map((message) => (message.id && message.parts ? (message as ChatMessage) : toMessage(message)));
}

function toMessage(message: MessageInput): ChatMessage {
  const { content: _, ...rest } = message;
  return { ...rest, id: message.id ?? newId(), parts: partsOf(message) };
}

/**
 * A conversation with a model, its tools and its branches.
 * @param options as a function is asked anew each time: for options that change.
 */
export function createChat<Tools extends ToolSet = ToolSet>(
  options: ChatOptions<Tools> | (() => ChatOptions<Tools>),
): Chat<Tools> {
  const now = (typeof options === 'function' ? options : () => options) as unknown as () => ChatOptions;
  const { id = newId(), messages: given = [], persistence } = now();
  const tree = createTree();
  const watchers = new Map<string, Set<() => void>>();
  const changed = new Set<string>();
  let queue: readonly Queued[] = [];
  let queued: readonly ChatMessage[] = [];
  let status: RunStatus = 'ready';
  let error: LLMError | undefined;
  let retry: RunSnapshot['retry'];
  let persistenceError: Error | undefined;
  let restoring: Promise<void> | undefined;
  let active: Turn | undefined;
  let run: Run | undefined;

  tree.replace(toMessages(given));

  const store = createPacedStore<ChatSnapshot>(() => ({
    id,
    messages: tree.shown(),
    status,
    error,
    queue: queued,
    retry,
    isRestoring: !!restoring,
    persistenceError,
  }));

  /** Paced by the runs: nothing else changes often. */
  function flush(): void {
    store.flush();
    const ids = [...changed];
    changed.clear();
    for (const changedId of ids) watchers.get(changedId)?.forEach(tell);
  }

  function put(message: ChatMessage): void {
    changed.add(message.id);
    tree.put(message);
  }

  /** The last message that is shown. */
  function head(): string | undefined {
    return tree.ids().at(-1);
  }

  /** Puts in a message; a new one is shown if what it comes after is the last that is shown. */
  function append(message: ChatMessage): void {
    const isNext = !tree.get(message.id) && head() === message.parentId;
    put(message);
    if (isNext) tree.show(message.id, true);
  }

  function setQueue(next: readonly Queued[]): void {
    queue = next;
    queued = next.map(({ message }) => message);
  }

  function amend(messageId: string, change: (parts: readonly Part[]) => readonly Part[]): void {
    const message = tree.get(messageId);
    if (message) put({ ...message, parts: change(message.parts) });
    flush();
  }

  function replacePart(messageId: string, old: Part, next: Part): void {
    amend(messageId, (parts) => parts.map((part) => (part === old ? next : part)));
  }

  /** One of the record's own: the model may ask for `constructor`. */
  function toolNamed(name: string): Tool | undefined {
    const { tools = {} } = now();
    return Object.hasOwn(tools, name) ? tools[name] : undefined;
  }

  function supports(): ProviderSupport {
    return now().client.config.provider.supports;
  }

  function stop(): void {
    const stopped = active;
    active = run = retry = undefined;
    if (!stopped) return;
    stopped.controller.abort();
    status = 'ready';
    flush();
  }

  /** Fills the answer `leaf`, or a new one to the message `leaf`, with a run. Gives its id when the run ended well. */
  async function follow(
    own: Run,
    leaf: string | undefined,
    before: readonly Part[],
    { goesOn, resume }: Step,
  ): Promise<string> {
    const base = tree.get(leaf);
    const isOpen = base?.role === 'assistant';
    const last = before.at(-1);
    const cut = goesOn && last?.type === 'text' ? last : undefined;
    const shownAs = new WeakMap<Part, Part>();
    const { onData } = now();
    let answerId = isOpen ? base.id : newId();
    let isNamed = isOpen || !supports().wholeAnswers;
    let isOver = false;

    /** A part that is shown as another one. That stays the same object, too. */
    function shown(part: Part, make: () => Part): Part {
      const as = shownAs.get(part) ?? make();
      shownAs.set(part, as);
      return as;
    }

    function write(): void {
      const snapshot = own.getSnapshot();
      const { finishReason } = snapshot;
      const { parts, metadata } = snapshot.message;
      const isDone = finishReason && finishReason !== 'aborted';
      isOver = !!(finishReason ?? snapshot.error);
      if (run === own) {
        retry = snapshot.retry;
        if (!isOver) status = snapshot.status;
      }
      // Of what broke off before it began there is nothing to show.
      if (isDone || (parts[0] ? isNamed || isOver : isOver && isOpen && !resume)) {
        const settled = cut && parts[0]?.type === 'text' ? before.slice(0, -1) : before;
        const unanswered: readonly Part[] = openCallsOf(parts);
        append({
          ...(isOpen ? base : { parentId: leaf }),
          id: answerId,
          role: 'assistant',
          parts: [
            ...settled,
            ...parts.map((part, index) => {
              // Text goes on where it was cut.
              if (cut && !index && part.type === 'text') {
                return shown(part, () => ({ ...cut, ...part, text: cut.text + part.text }));
              }
              // A call has its input once that was checked, here or by the backend.
              return part.type === 'tool-call' && unanswered.includes(part) && toolNamed(part.name)
                ? shown(part, () => ({ ...part, input: undefined }))
                : part;
            }),
          ] as ChatMessage['parts'],
          ...(metadata && { metadata: { ...base?.metadata, ...metadata } }),
          finishReason: isOver ? (finishReason ?? 'interrupted') : undefined,
          usage: snapshot.usage,
          openFrom: isDone ? undefined : settled.length,
        });
      }
      flush();
    }

    async function read(): Promise<void> {
      for await (const event of own) {
        if (!isNamed) {
          // Backends that keep their answers know them by their own ids.
          if (event.type === 'start' && event.id && !tree.get(event.id)) answerId = event.id;
          isNamed = true;
          if (!isOver) write();
        }
        if (event.type === 'data') tell(() => onData?.(event));
        else if (!onData) break;
      }
    }

    run = own;
    const unsubscribe = own.subscribe(write);
    if (!isNamed || onData) read().catch(() => undefined);
    try {
      await own.result;
    } finally {
      unsubscribe();
      if (!isOver) write();
      if (run === own) run = undefined;
    }
    return answerId;
  }

  /** Asks for the next step of the answer `leaf`, or for an answer to the message `leaf`. */
  async function ask(
    leaf: string | undefined,
    call: ChatRequestOptions | undefined,
    signal: AbortSignal,
    step: Step,
  ): Promise<string> {
    const all = overlay<ChatOptions>(now(), call);
    const {
      client,
      tools = {},
      prepareMessages,
      onContextLength,
      continuePrompt = 'Go on exactly where you stopped. Repeat nothing.',
      retry: retries,
      timeout,
      headers,
    } = all;
    const { replaces, resume } = step;
    const { role, finishReason, parts = [], openFrom } = tree.get(leaf) ?? {};
    const isOpen = role === 'assistant';
    // What a backend writes comes again from its start.
    const isAgain = resume && finishReason !== 'tool-calls' && finishReason !== 'pause';
    const keptUntil = openFrom ?? (isAgain ? 0 : Infinity);
    // Of a call that was cut nothing can be made.
    const before: readonly Part[] = isOpen
      ? parts.filter((part, index) => index < keptUntil || (!resume && part.type !== 'tool-call'))
      : [];
    const goesOn = step.goesOn && isOpen && finishReason !== 'pause' && parts.at(-1)?.type !== 'tool-result';
    let history: readonly MessageInput[] = tree.pathTo(leaf);
    if (prepareMessages) {
      history = await abortable((async () => prepareMessages(history as ChatMessage[], { signal }))(), signal);
    }
    for (let isShortened = false; ; isShortened = true) {
      const own = client.stream(
        {
          ...Object.fromEntries(REQUEST_FIELDS.map((field) => [field, all[field]])),
          messages: [
            ...toRequestMessages(history, supports().wholeAnswers),
            ...(goesOn ? [{ role: 'user' as const, content: continuePrompt }] : []),
          ],
          tools: Object.entries(tools).map(([name, { description, strict, toJSONSchema }]) => ({
            name,
            description,
            strict,
            inputSchema: toJSONSchema(),
          })),
          conversation: { id, replaces, resume },
        },
        { retry: resume ? false : retries, timeout, headers, signal },
      );
      try {
        return await follow(own, leaf, before, { goesOn, resume });
      } catch (failure) {
        const isTooLong = (failure as LLMError).code === 'context_length';
        const shorter =
          isTooLong && !isShortened && onContextLength
            ? await abortable((async () => onContextLength(history, failure as LLMError))(), signal)
            : undefined;
        if (!shorter) throw failure;
        history = shorter;
      }
    }
  }

  function openCalls(messageId: string): readonly ToolCallPart[] {
    return openCallsOf(tree.get(messageId)?.parts ?? []);
  }

  /** Whether a person, or the page, has still to say something to an answer. */
  function isWaiting(messageId: string): boolean {
    // A backend carries out its own tools once that was decided.
    return openCalls(messageId).some(
      ({ name, approval }) => !supports().wholeAnswers || toolNamed(name) || approval?.approved === undefined,
    );
  }

  /** Gives whether the call had no result yet. */
  function addResult(messageId: string, call: ToolCallPart, result: CallResult): boolean {
    const { id: toolCallId, name } = call;
    const isOpen = openCalls(messageId).some((open) => open.id === toolCallId);
    if (isOpen) amend(messageId, (parts) => [...parts, { type: 'tool-result', toolCallId, name, ...result }]);
    return isOpen;
  }

  /** Carries out a call as part of a turn. */
  function carryOut(messageId: string, part: ToolCallPart, { controller: { signal }, calls }: Turn): void {
    const { name } = part;
    const tool = toolNamed(name);
    if (calls.has(part.id) || (supports().wholeAnswers && !tool)) return;
    async function work(): Promise<void> {
      const context = { signal, toolCallId: part.id, messages: tree.pathTo(messageId) };
      let shown: Part = part;
      const result = tool
        ? await tool.answer(part, context, (call) => {
            signal.throwIfAborted();
            replacePart(messageId, shown, call);
            shown = call;
          })
        : {
            output: `There is no tool ${name}, only: ${Object.keys(now().tools ?? {}).join(', ')}`,
            isError: true as const,
          };
      signal.throwIfAborted();
      if (result) addResult(messageId, part, result);
    }
    const done = work().finally(() => calls.delete(part.id));
    // A turn that has ended does not wait for it.
    done.catch(() => undefined);
    calls.set(part.id, done);
  }

  /** Asks, carries out tools, and asks again. Gives whether the answer is whole; else it waits for a person. */
  async function takeSteps(turn: Turn, call: ChatRequestOptions | undefined, how: Step): Promise<boolean> {
    const { signal } = turn.controller;
    const { maxSteps = 5 } = now();
    for (let step = 0; ; step += 1) {
      const { goesOn, resume, replaces, isAnswered }: Step = step ? {} : how;
      const message = tree.get(turn.last);
      let isOwed = goesOn || resume || isAnswered || message?.role !== 'assistant';
      if (message?.role === 'assistant' && !resume) {
        const { id: messageId, finishReason, openFrom } = message;
        const isPaused = finishReason === 'pause';
        if (openFrom === undefined && (isPaused || goesOn || finishReason === 'tool-calls')) {
          const calls = openCalls(messageId);
          for (const part of calls) carryOut(messageId, part, turn);
          if (turn.calls.size > 0) {
            status = 'streaming';
            flush();
          }
          while (turn.calls.size > 0) await Promise.all(turn.calls.values());
          if (isWaiting(messageId)) return false;
          isOwed ||= calls.length > 0 || (isPaused && !supports().wholeAnswers);
        }
      }
      if (!isOwed || step >= maxSteps) return true;
      turn.last = await ask(turn.last, call, signal, { replaces, goesOn, resume });
    }
  }

  /**
   * One turn, from the message `leaf` on; what is under way ends. Gives false where there was nothing to resume.
   * @param begin is done first, as part of the turn.
   */
  async function advance(
    leaf: string | undefined,
    call?: ChatRequestOptions,
    how: Step = {},
    begin?: () => Promise<void>,
  ): Promise<boolean> {
    stop();
    const shownBefore = head();
    const turn: Turn = { controller: new AbortController(), calls: new Map(), last: leaf };
    let isWhole = false;
    let isFound = true;
    let failed: LLMError | undefined;
    if (how.isAnother) tree.show(leaf, true);
    active = turn;
    error = undefined;
    status = how.resume ? 'ready' : 'submitted';
    flush();
    try {
      if (begin) await abortable(begin(), turn.controller.signal);
      isWhole = await takeSteps(turn, call, how);
    } catch (failure) {
      const { code, partial } = failure as LLMError;
      // An answer of nothing, status 204: there is none on its way.
      isFound = !how.resume || code !== 'truncated' || !!partial?.message.parts[0];
      if (isFound) {
        failed =
          failure instanceof LLMError
            ? failure
            : new LLMError(`Failed: ${String(failure)}`, { code: 'unknown', cause: failure });
      }
    }
    if (active === turn) {
      const { onError, onFinish } = now();
      active = retry = undefined;
      status = failed ? 'error' : 'ready';
      error = failed;
      if (how.isAnother && head() === leaf) {
        // Nothing came in place of the answer before.
        tree.show(shownBefore, true);
      }
      flush();
      if (failed) tell(() => onError?.(failed));
      const message = tree.get(turn.last);
      if (isWhole && message) {
        tell(() => onFinish?.({ message, messages: tree.shown() }));
        sendNext();
      }
    }
    return isFound;
  }

  /** Asks again once all calls of the last answer are answered. */
  async function goOn(messageId: string): Promise<void> {
    if (!active && !isWaiting(messageId) && head() === messageId) {
      await advance(messageId, undefined, { isAnswered: true });
    }
  }

  function findCall(isWanted: (call: ToolCallPart) => boolean): { messageId: string; part: ToolCallPart } {
    for (const { id: messageId, parts } of tree.all().messages.toReversed()) {
      const part = parts.findLast((one) => one.type === 'tool-call' && isWanted(one));
      if (part) return { messageId, part: part as ToolCallPart };
    }
    throw invalid('No such tool call');
  }

  /** Sends the first message of the queue. */
  function sendNext(): void {
    const [next, ...rest] = queue;
    if (!next || active) return;
    setQueue(rest);
    void send(next);
  }

  async function send({ message, input: { messageId, files }, options: call, settle }: Queued): Promise<void> {
    stop();
    const before = head();
    const parentId = messageId === undefined ? before : tree.get(messageId)?.parentId;
    if (messageId !== undefined) tree.show(parentId, true);
    append({ ...message, parentId });
    const readFiles = async (): Promise<void> => {
      try {
        const read = await Promise.all(Array.from(files ?? [], readFile));
        amend(message.id, (parts) => [...read, ...parts.slice(read.length)]);
      } catch (failure) {
        changed.add(message.id);
        tree.open({ messages: tree.all().messages.filter((one) => one.id !== message.id), head: before ?? '' });
        throw failure;
      }
    };
    await advance(message.id, call, {}, files && readFiles);
    settle();
  }

  function setThread(thread: ChatThread): void {
    stop();
    restoring = undefined;
    for (const message of tree.all().messages) changed.add(message.id);
    tree.open(thread);
    flush();
  }

  const chat: Chat = {
    id,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    messageIds: { getSnapshot: tree.ids, subscribe: store.subscribe },
    message: (messageId) => ({
      getSnapshot: () => tree.get(messageId),
      subscribe(listener) {
        const listeners = watchers.get(messageId) ?? new Set();
        watchers.set(messageId, listeners.add(listener));
        return () => {
          listeners.delete(listener);
          if (listeners.size === 0) watchers.delete(messageId);
        };
      },
    }),
    async sendMessage(said, call) {
      const input = typeof said === 'string' ? { text: said } : said;
      const { text, files, parts = [], metadata, messageId } = input;
      if (restoring) await restoring;
      const all: Part[] = [
        ...Array.from(files ?? [], toFilePart),
        ...(text ? [{ type: 'text' as const, text }] : []),
        ...parts,
      ];
      if (!all[0]) throw invalid('Nothing to send: no text, files or parts');
      if (messageId !== undefined && !tree.get(messageId)) throw invalid(`No message ${messageId}`);
      const { whenBusy } = now();
      if (active && messageId === undefined && whenBusy === 'reject') {
        throw invalid('Busy: wait for the end of the answer, or stop it');
      }
      const message: ChatMessage = {
        id: input.id ?? newId(),
        role: 'user',
        parts: all,
        ...(metadata && { metadata }),
      };
      await new Promise<void>((settle) => {
        const item: Queued = { message, input, options: call, settle };
        if (messageId !== undefined) {
          void send(item);
          return;
        }
        setQueue([...queue, item]);
        if (whenBusy === 'replace') stop();
        if (active) flush();
        else sendNext();
      });
    },
    async regenerate(messageId, call) {
      if (restoring) await restoring;
      const target = tree.get(messageId ?? head());
      const leaf = target?.role === 'assistant' ? target.parentId : target?.id;
      if (!leaf) throw invalid('Nothing to answer');
      await advance(leaf, call, { isAnother: true, replaces: target?.role === 'assistant' ? target.id : undefined });
    },
    async continueAnswer(call) {
      if (restoring) await restoring;
      await advance(head(), call, { goesOn: true });
    },
    stop,
    removeQueued(messageId) {
      queue.find(({ message }) => message.id === messageId)?.settle();
      setQueue(queue.filter(({ message }) => message.id !== messageId));
      flush();
    },
    setMessages(next) {
      stop();
      restoring = undefined;
      const messages = toMessages(typeof next === 'function' ? next(tree.shown()) : next);
      for (const message of [...tree.all().messages, ...messages]) changed.add(message.id);
      tree.replace(messages);
      flush();
    },
    clear() {
      for (const { settle } of queue) settle();
      setQueue([]);
      chat.clearError();
      setThread({ messages: [] });
    },
    branches: tree.siblings,
    selectBranch(messageId) {
      tree.show(messageId);
      flush();
    },
    getThread: tree.all,
    setThread,
    async addToolOutput({ toolCallId, output, errorText }) {
      await run?.result.catch(() => undefined);
      const { messageId, part } = findCall(({ id: callId }) => callId === toolCallId);
      const result = errorText === undefined ? { output } : { output: errorText, isError: true as const };
      if (addResult(messageId, part, result)) await goOn(messageId);
    },
    async addToolApprovalResponse({ id: approvalId, approved, reason }) {
      await run?.result.catch(() => undefined);
      const { messageId, part } = findCall(({ approval: asked }) => asked?.id === approvalId);
      if (part.approval?.approved !== undefined) return;
      const approval: ToolApproval = { id: approvalId, approved, ...(reason !== undefined && { reason }) };
      const decided = { ...part, approval };
      replacePart(messageId, part, decided);
      // It may be decided at once, while the call that asks is still ending.
      await active?.calls.get(part.id);
      if (active) carryOut(messageId, decided, active);
      else if (toolNamed(part.name) && head() === messageId) await advance(messageId);
      else await goOn(messageId);
    },
    async resumeStream(call) {
      if (restoring) await restoring;
      if (!supports().resume) throw invalid(`${now().client.config.provider.name} cannot resume an answer`);
      return !active && advance(head(), call, { resume: true });
    },
    clearError() {
      error = undefined;
      if (status === 'error') status = 'ready';
      flush();
    },
  };
  if (persistence) {
    const fail = (problem: Error): void => {
      const { onPersistenceError } = now();
      persistenceError = problem;
      tell(() => onPersistenceError?.(problem));
      flush();
    };
    const reading = Promise.resolve()
      .then(() => persistence(chat, fail))
      .catch(fail)
      .finally(() => {
        if (restoring === reading) restoring = undefined;
        flush();
      });
    restoring = reading;
  }
  return chat as unknown as Chat<Tools>;
}
