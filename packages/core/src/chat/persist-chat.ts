import { checkOptions, type Fields } from '../errors/check-options.ts';
import { kindOf } from '../utils/kind-of.ts';
import { LLMError } from '../errors/error.ts';
import { messageText } from '../types/message.ts';
import { thrownProperty } from '../errors/thrown.ts';
import { startTimer } from '../utils/timer.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatPersistence, PersistenceControl, PersistenceHost } from './chat-options.ts';
import {
  ChatStorageError,
  type ChatChanges,
  type ChatStorage,
  type SaveFailure,
  type SaveResult,
  type StoredMessage,
} from './storage/types.ts';
import { readStoredChat, type ReadChat } from './read-stored-chat.ts';

export interface PersistOptions {
  /**
   * The time between two drafts of the turn under way, in ms. The first draft is saved when the turn begins, and one more
   * when the page is hidden.
   * @default 1000
   */
  readonly draftMs?: number | undefined;
  /**
   * How many messages of the shown branch to load at first, and with each `loadEarlier()`.
   * @default all
   */
  readonly pageSize?: number | undefined;
  /**
   * How long sends wait for kept messages to be read, in ms. After that time the chat goes on without them, and they are
   * merged when they arrive.
   * @default 10_000
   */
  readonly loadTimeoutMs?: number | undefined;
  /**
   * The time after which a failed save is tried again, in ms. It is also tried again with the next change.
   * @default 15_000
   */
  readonly retryMs?: number | undefined;
}

const TIME = 'a number from 0 or Infinity';

const OPTION_FIELDS: Fields = {
  draftMs: TIME,
  pageSize: 'a whole number above 0 or Infinity',
  loadTimeoutMs: TIME,
  retryMs: TIME,
};

/** A message of the chat that is kept as it is. */
interface Kept {
  readonly message: ChatMessage;
  readonly revision: number;
}

/**
 * Keeps the messages of a chat with their branches: `createChat({ client, id, persistence: persistChat(storage) })`. Pass an
 * `id` that is the same after a reload.
 *
 * Changed messages are saved after each turn; the turn under way is saved as a draft about once a second. After a reload, an
 * answer that was under way has `finishReason: 'interrupted'`, and `continueAnswer` goes on with it; a call that was allowed
 * and has no result asks again. Messages that cannot be read are left as they are, and messages that cannot be saved are
 * saved again later: both are the `persistenceError` of the chat, a `ChatStorageError`, and the chat goes on.
 * @throws {LLMError} with code `config` that names the option that is unknown or wrong.
 */
export function persistChat(storage: ChatStorage, options: PersistOptions = {}): ChatPersistence {
  checkStorage(storage);
  checkOptions('persistChat', options, OPTION_FIELDS);
  return (host) => persist(host, storage, options);
}

function checkStorage(storage: unknown): void {
  if (typeof storage !== 'object' || storage === null) {
    throw new LLMError(`persistChat: storage must be a ChatStorage, such as storageChats(), not ${kindOf(storage)}`, {
      code: 'config',
    });
  }
  for (const name of ['load', 'save', 'clear']) {
    const method: unknown = Reflect.get(storage, name);
    if (typeof method === 'function') continue;
    throw new LLMError(
      `persistChat: storage.${name} must be a function, not ${kindOf(method)}. Pass a ChatStorage, such as storageChats()`,
      { code: 'config' },
    );
  }
}

function persist(
  host: PersistenceHost,
  storage: ChatStorage,
  { draftMs = 1000, pageSize, loadTimeoutMs = 10_000, retryMs = 15_000 }: PersistOptions,
): PersistenceControl {
  const { id } = host;
  const kept = new Map<string, Kept>();
  /** Messages that have no stored form. They are not saved again until they change. */
  const unstorable = new Map<string, Kept>();
  /** Revisions of messages that may be in the storage, whether the last save of the message has worked or not. */
  const sentRevisions = new Map<string, number>();
  /** Ids of messages that may differ from what is kept. */
  const pending = new Set<string>();
  const initialIds = new Set(host.getThread().messages.map((message) => message.id));
  let keptHead: string | undefined;
  let isLoaded = false;
  let loading: Promise<void> | undefined;
  let loadNumber = 0;
  /** Messages that another tab has removed while they were part of the turn under way. */
  let removedLater: readonly string[] = [];
  let isWriteQueued = false;
  let tasks: Promise<void> = Promise.resolve();
  let cancelDraft: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;
  let wasBusy = false;
  let loadError: ChatStorageError | undefined;
  let saveError: ChatStorageError | undefined;
  let readError: ChatStorageError | undefined;
  let formError: ChatStorageError | undefined;
  let reported: ChatStorageError | undefined;
  /** A report is a change of the snapshot, and no reason to save. */
  let isReporting = false;
  let isClearWanted = false;
  let lastDraft: readonly ChatMessage[] = [];

  function report(): void {
    const error = loadError ?? saveError ?? readError ?? formError;
    if (error?.message === reported?.message) return;
    reported = error;
    isReporting = true;
    host.report(error);
    isReporting = false;
  }

  /** Runs a task after those before it have ended. */
  function enqueue(task: () => Promise<void>): Promise<void> {
    const done = tasks.then(task);
    tasks = done.catch(() => undefined);
    return done;
  }

  function setReadError({ unreadable }: ReadChat): void {
    const [first] = unreadable;
    const ids = unreadable.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]));
    readError = first && new ChatStorageError('load', first.cause, ids);
  }

  /** Marks stored messages as kept if the chat shows them as they are stored. */
  function keep({ messages, revisions }: ReadChat): void {
    for (const { id: messageId, parts } of messages) {
      const message = host.get(messageId);
      if (message?.parts === parts) kept.set(messageId, { message, revision: revisions.get(messageId) ?? 0 });
    }
  }

  function startLoad(): Promise<void> {
    loadNumber += 1;
    const number = loadNumber;
    loading = (async () => {
      try {
        const read = readStoredChat(await storage.load(id, { limit: pageSize }));
        // A newer load, or a clear, has taken its place.
        if (number !== loadNumber) return;
        isLoaded = true;
        loadError = undefined;
        setReadError(read);
        open(read);
        queueWrite();
      } catch (cause) {
        if (number !== loadNumber) return;
        loadError = new ChatStorageError('load', cause);
        if (hasSaid()) retryLater();
      }
      loading = undefined;
      report();
    })();
    return loading;
  }

  /** Shows what was loaded, together with messages that the chat got in the meantime. */
  function open(read: ReadChat): void {
    const { messages: now } = host.getThread();
    const { messages, head } = read;
    const isUntouched = now.every((message) => initialIds.has(message.id)) && !host.isBusy();
    host.setHasEarlier(read.hasEarlier);
    if (host.isRestoring() || (isUntouched && !host.wasReplaced())) {
      if (messages.length > 0) {
        host.open({ messages, head });
        keep(read);
        keptHead = head;
      }
      return;
    }
    if (host.wasReplaced()) {
      // The app has set other messages in place of the kept ones.
      for (const message of messages) {
        kept.set(message.id, { message, revision: read.revisions.get(message.id) ?? 0 });
        pending.add(message.id);
      }
      keptHead = head;
      return;
    }
    // What was said in the meantime follows the kept messages.
    const here = new Set(now.map((message) => message.id));
    const stored = new Set(messages.map((message) => message.id));
    const roots = now.filter(({ id: messageId, parentId }) => !stored.has(messageId) && !here.has(parentId ?? ''));
    host.merge({
      earlier: messages,
      messages: head === undefined ? [] : roots.map((message) => Object.assign({}, message, { parentId: head })),
    });
    keep(read);
    keptHead = head;
  }

  /**
   * Takes over what other tabs have saved and removed.
   * @param removedToo ids that a save has reported as removed.
   */
  async function sync(removedToo: readonly string[] = []): Promise<void> {
    if (!isLoaded || isClearWanted) return;
    try {
      const known = new Map(Array.from(kept, ([messageId, { revision }]) => [messageId, revision]));
      const read = readStoredChat(await storage.load(id, { known, limit: pageSize }), true);
      setReadError(read);
      const fresh = read.messages.filter((message) => {
        const here = host.get(message.id);
        const before = kept.get(message.id);
        // A message that was changed, added or removed here is saved next.
        return here === before?.message && (read.revisions.get(message.id) ?? 0) > (before?.revision ?? -1);
      });
      takeOver({ ...read, messages: fresh, removed: [...read.removed, ...removedToo, ...removedLater] });
    } catch (cause) {
      loadError = new ChatStorageError('load', cause);
      report();
      return;
    }
    loadError = undefined;
    report();
  }

  /** Merges changes of other tabs. Messages of the turn under way are removed after its end. */
  function takeOver(read: ReadChat): void {
    const isBusy = host.isBusy();
    const inTurn = new Set(isBusy ? host.getShownIds() : []);
    const gone = withUnsavedAnswers(read.removed);
    removedLater = gone.filter((messageId) => inTurn.has(messageId));
    const removed = gone.filter((messageId) => !inTurn.has(messageId));
    for (const messageId of removed) {
      kept.delete(messageId);
      sentRevisions.delete(messageId);
    }
    const shownBefore = host.getShownIds().at(-1);
    if (read.messages.length > 0 || removed.length > 0) {
      host.merge({ messages: read.messages, removed, follows: !isBusy, head: read.head });
    }
    keep(read);
    // Which branch is shown is saved only if it was chosen here.
    const isChosenHere = shownBefore !== keptHead && host.get(shownBefore) !== undefined;
    if (!isChosenHere) keptHead = host.getShownIds().at(-1);
  }

  /** The messages of these that are here, and answers to them that no save had yet. */
  function withUnsavedAnswers(ids: readonly string[]): readonly string[] {
    // Messages that are not kept were added again in this tab.
    const gone = new Set(ids.filter((messageId) => kept.has(messageId) && host.get(messageId)));
    if (gone.size === 0) return [];
    for (const { id: messageId, role, parentId } of host.getThread().messages) {
      if (role === 'assistant' && !kept.has(messageId) && gone.has(parentId ?? '')) gone.add(messageId);
    }
    return [...gone];
  }

  /** Looks at messages that were changed since the last save only. */
  function changes(): {
    readonly all: readonly ChatMessage[];
    readonly removed: readonly string[];
    readonly head: string | undefined;
    readonly firstWords: string | undefined;
  } {
    for (const messageId of host.takeChanged()) pending.add(messageId);
    const dropped = new Set(removedLater);
    const all: ChatMessage[] = [];
    const removed: string[] = [];
    for (const messageId of pending) {
      const message = host.get(messageId);
      if (!message && (kept.has(messageId) || sentRevisions.has(messageId))) removed.push(messageId);
      else if (!message || isSettled(message)) pending.delete(messageId);
      else if (!dropped.has(messageId)) all.push(message);
    }
    const head = host.getShownIds().at(-1);
    return {
      all: all.toSorted((a, b) => host.positionOf(a.id) - host.positionOf(b.id)),
      removed,
      head: head !== undefined && dropped.has(head) ? keptHead : head,
      firstWords: firstWordsOf(host.messages(), dropped),
    };
  }

  /** Whether the message is saved, or cannot be saved as it is. */
  function isSettled(message: ChatMessage): boolean {
    return kept.get(message.id)?.message === message || unstorable.get(message.id)?.message === message;
  }

  /** For each of these messages that was never saved, the next message in the list that was. */
  function savedAfter(messages: readonly ChatMessage[]): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    let following: string | undefined;
    for (const { id: messageId } of messages.toReversed()) {
      if (kept.has(messageId)) continue;
      for (const next of host.idsAfter(messageId)) {
        const saved = kept.has(next) ? next : found.get(next);
        if (saved !== undefined) found.set(messageId, saved);
        if (saved !== undefined || next === following) break;
      }
      following = messageId;
    }
    return found;
  }

  function toStored(
    message: ChatMessage,
    after: ReadonlyMap<string, string>,
    parentId = message.parentId,
  ): StoredMessage {
    // Above that of every earlier save, also within one millisecond: other tabs take over higher revisions only.
    const revision = Math.max(Date.now(), (sentRevisions.get(message.id) ?? kept.get(message.id)?.revision ?? 0) + 1);
    sentRevisions.set(message.id, revision);
    return {
      id: message.id,
      parentId,
      isNew: !kept.has(message.id),
      before: after.get(message.id),
      revision,
      message: { ...toPlain(message), parentId },
    };
  }

  function settle(messages: readonly ChatMessage[], sent: readonly StoredMessage[], result: SaveResult): void {
    const failures = new Map((result.failures ?? []).map((failure) => [failure.messageId, failure]));
    messages.forEach((message, index) => {
      const failure = failures.get(message.id);
      const entry = { message, revision: sent[index]?.revision ?? 0 };
      unstorable.delete(message.id);
      if (!failure) kept.set(message.id, entry);
      else if (failure.isPermanent) unstorable.set(message.id, entry);
    });
  }

  async function call(operation: 'save' | 'saveDraft', data: ChatChanges): Promise<SaveResult> {
    return (await storage[operation]?.(id, data)) ?? {};
  }

  async function write(): Promise<void> {
    isWriteQueued = false;
    if (isClearWanted && !(await clearStored())) return;
    if (!isLoaded) {
      if (!loading && hasSaid()) void startLoad();
      return;
    }
    if (!host.isBusy() && removedLater.length > 0) await sync();
    const { all, removed, head, firstWords } = changes();
    if (all.length === 0 && removed.length === 0 && head === keptHead) {
      // What could not be saved is gone, such as by a removal in another tab.
      if (saveError?.operation !== 'discardUnreadable') saveError = undefined;
      report();
      return;
    }
    // A draft that the storage treats in its own way is saved again at the end of the turn.
    const isFinal = !host.isBusy() || !storage.saveDraft;
    const operation = isFinal ? 'save' : 'saveDraft';
    if (!isFinal && isSameList(all, lastDraft)) return;
    lastDraft = isFinal ? [] : all;
    const after = savedAfter(all);
    const put = all.map((message) => toStored(message, after));
    let failures: readonly SaveFailure[] = [];
    try {
      const result = await call(operation, { put, removed, head, firstWords });
      failures = result.failures ?? [];
      saveError = undefined;
      loadError = undefined;
      if (isFinal) {
        settle(all, put, result);
        for (const messageId of removed) {
          kept.delete(messageId);
          sentRevisions.delete(messageId);
        }
        keptHead = head;
        if (result.removed && result.removed.length > 0) await sync(result.removed);
      }
    } catch (cause) {
      saveError = new ChatStorageError(operation, cause);
      if (all.length > 1 && isFull(cause)) await writeOneByOne(all, after, firstWords);
    }
    const retryable = failures.filter((failure) => !failure.isPermanent);
    const [first] = retryable;
    if (first) {
      saveError = new ChatStorageError(
        operation,
        first.cause,
        retryable.map(({ messageId }) => messageId),
      );
    }
    const permanent = failures.find((failure) => failure.isPermanent);
    if (permanent) formError = new ChatStorageError(operation, permanent.cause, [permanent.messageId]);
    else if (![...unstorable].some(([messageId, { message }]) => host.get(messageId) === message))
      formError = undefined;
    if (saveError) retryLater();
    report();
  }

  /** Saves the messages for which there is room. */
  async function writeOneByOne(
    all: readonly ChatMessage[],
    after: ReadonlyMap<string, string>,
    firstWords: string | undefined,
  ): Promise<void> {
    const shown = new Set(host.getShownIds());
    const left = new Set(all.map((message) => message.id));
    for (const message of all) {
      // Until its parent is kept, it follows the nearest ancestor that is.
      let parentId = message.parentId;
      while (parentId !== undefined && left.has(parentId)) parentId = host.get(parentId)?.parentId;
      const put = [toStored(message, after, parentId)];
      const head = shown.has(message.id) ? message.id : undefined;
      try {
        const result = await call('save', { put, removed: [], head, firstWords });
        left.delete(message.id);
        if (parentId === message.parentId) settle([message], put, result);
      } catch (cause) {
        saveError = new ChatStorageError('save', cause, [message.id]);
        if (!isFull(cause)) return;
      }
    }
  }

  /** Whether the chat got messages after it was created. */
  function hasSaid(): boolean {
    return host.getThread().messages.some((message) => !initialIds.has(message.id));
  }

  async function clearStored(): Promise<boolean> {
    try {
      await storage.clear(id);
    } catch (cause) {
      saveError = new ChatStorageError('clear', cause);
      retryLater();
      report();
      return false;
    }
    isClearWanted = false;
    isLoaded = true;
    loadError = undefined;
    saveError = undefined;
    readError = undefined;
    formError = undefined;
    host.setHasEarlier(false);
    report();
    return true;
  }

  function queueWrite(): void {
    if (isWriteQueued) return;
    isWriteQueued = true;
    void enqueue(write);
  }

  function retryLater(): void {
    cancelRetry?.();
    cancelRetry = startTimer(queueWrite, retryMs);
  }

  function onVisibility(): void {
    if (document.hidden) queueWrite();
  }

  function stopDrafts(): void {
    cancelDraft?.();
    globalThis.document?.removeEventListener('visibilitychange', onVisibility);
  }

  function onDraftTime(): void {
    if (!host.isBusy()) return;
    queueWrite();
    startDraftTimer();
  }

  function startDraftTimer(): void {
    cancelDraft = startTimer(onDraftTime, draftMs);
  }

  function onChange(): void {
    if (isReporting || host.isRestoring()) return;
    if (!host.isBusy()) {
      stopDrafts();
      wasBusy = false;
      queueWrite();
      return;
    }
    if (wasBusy) return;
    wasBusy = true;
    // The question is kept at once: the page may be left before the first draft of its answer.
    queueWrite();
    startDraftTimer();
    globalThis.document?.addEventListener('visibilitychange', onVisibility);
  }

  host.subscribe(onChange);
  const tab: Syncable = {
    async sync() {
      // What comes while this chat clears itself is its own clear.
      if (!isClearWanted) await enqueue(sync);
    },
  };
  subscribeWeakly(storage, id, tab);

  const ready = new Promise<void>((resolve) => {
    const cancel = startTimer(() => {
      loadError = new ChatStorageError('load', new Error(`The storage has not answered for ${loadTimeoutMs} ms`));
      report();
      resolve();
    }, loadTimeoutMs);
    // Chats are created where nothing is read, such as on a server: the first load is started in a task of its own.
    void Promise.resolve()
      .then(startLoad)
      .finally(() => {
        cancel();
        resolve();
      });
  });

  const control: PersistenceControl = {
    ready,
    async retry() {
      cancelRetry?.();
      if (isLoaded) await tab.sync();
      else if (!isClearWanted) await startLoad();
      await enqueue(write);
    },
    clear() {
      // A load that is under way would bring the messages back.
      loadNumber += 1;
      loading = undefined;
      kept.clear();
      sentRevisions.clear();
      unstorable.clear();
      keptHead = undefined;
      removedLater = [];
      isClearWanted = true;
      queueWrite();
    },
    async discardUnreadable() {
      await enqueue(async () => {
        try {
          await storage.discardUnreadable?.(id);
          readError = undefined;
        } catch (cause) {
          saveError = new ChatStorageError('discardUnreadable', cause);
        }
      });
      report();
      await control.retry();
    },
    async loadEarlier() {
      let isMore = false;
      await enqueue(async () => {
        const [before] = host.getShownIds();
        if (!isLoaded || before === undefined) return;
        try {
          const read = readStoredChat(await storage.load(id, { before, limit: pageSize }));
          const earlier = read.messages.filter((message) => !host.get(message.id));
          host.setHasEarlier(read.hasEarlier);
          host.merge({ earlier });
          keep({ ...read, messages: earlier });
          isMore = read.hasEarlier;
        } catch (cause) {
          loadError = new ChatStorageError('load', cause);
          report();
        }
      });
      return isMore;
    },
  };
  return control;
}

interface Syncable {
  sync(): Promise<void>;
}

const unusedChats = /* @__PURE__ */ new FinalizationRegistry<() => void>((unsubscribe) => unsubscribe());

/** Subscribes without keeping the chat alive: nothing ends a chat that is no longer used. */
function subscribeWeakly(storage: ChatStorage, id: string, target: Syncable): void {
  const reference = new WeakRef(target);
  const unsubscribe = storage.subscribe?.(id, () => void reference.deref()?.sync());
  if (unsubscribe) unusedChats.register(target, unsubscribe);
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function isFull(cause: unknown): boolean {
  const name = thrownProperty(cause, 'name');
  return name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_QUOTA_REACHED';
}

function firstWordsOf(messages: Iterable<ChatMessage>, dropped: ReadonlySet<string>): string | undefined {
  for (const message of messages) {
    if (message.role !== 'user' || dropped.has(message.id)) continue;
    const words = messageText(message).replace(/\s+/g, ' ').trim();
    return words || undefined;
  }
  return undefined;
}

/** A call's error as data: neither JSON nor a structured clone keeps the fields of an `LLMError`. */
function toPlain(message: ChatMessage): ChatMessage {
  if (!message.parts.some((part) => part.type === 'tool-call' && part.error)) return message;
  const parts = message.parts.map((part) => {
    if (part.type !== 'tool-call' || !part.error) return part;
    const { name, message: text, code } = part.error;
    return Object.assign({}, part, { error: { name, message: text, code } });
  });
  return { ...message, parts };
}
