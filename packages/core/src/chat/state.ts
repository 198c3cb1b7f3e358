import { newId } from '../utils/id.ts';
import type { Part } from '../types/message.ts';
import type { Provider } from '../providers/provider.ts';
import { createPacedStore } from '../store/store.ts';
import type { CallChanges } from './call-index.ts';
import type { ChatMessage } from './chat-message.ts';
import type { Chat, ChatSnapshot } from './chat.ts';
import type { ChatOptions } from './chat-options.ts';
import { createMessageTree, type MessageTree } from './message-tree.ts';
import { createPendingMessages, type PendingMessages } from './pending-messages.ts';
import { createSendQueue, type SendQueue } from './send-queue.ts';
import type { Tool } from './tool.ts';

/** What is under way. */
export interface Turn {
  readonly signal: AbortSignal;
  /** Calls that are being carried out, by id. */
  readonly running: Map<string, Promise<void>>;
  /** The last message: the one to answer, or the answer to go on with. */
  last: string | undefined;
  /** The step that is asked for. */
  asked?: Promise<string>;
  /** Ends it at once; the chat is ready then. */
  readonly stop: () => void;
  /** Ends it at once with an error. */
  readonly fail: (thrown: unknown) => void;
  /** Ends it for the turn that has taken its place: the status is that of the new turn. */
  readonly giveWay: () => void;
}

/** What a chat is at the moment, and who is told when that changes. */
export interface ChatState {
  /** What can be seen from outside. */
  readonly view: Pick<Chat, 'id' | 'getSnapshot' | 'subscribe' | 'messageIds' | 'message'>;
  readonly tree: MessageTree;
  turn?: Turn | undefined;
  /** The last turn has ended, and the queue waits for the result of one of its calls. */
  waitsForResult?: boolean | undefined;
  readonly queue: SendQueue;
  /** Sent before the chat could begin turns. */
  readonly pending: PendingMessages;
  /** Changes to calls that are not yet in the tree, by the message of the calls. */
  readonly callChanges: Map<string, CallChanges>;
  /** As they are now. May throw if the app passed a function. */
  options(): ChatOptions;
  /** A new id for a message. */
  createId(): string;
  /** Does all of `work` before anything is notified: listeners may call the chat, and see it complete. */
  batch<T>(work: () => T): T;
  /** Changes these fields, and notifies of everything that changed. */
  set(fields?: ChatFields): void;
}

type ChatFields = Partial<Omit<ChatSnapshot, 'id' | 'messages' | 'queue'>>;

export function createChatState(id: string, options: () => ChatOptions, isRestoring: boolean): ChatState {
  const tree = createMessageTree();
  const queue = createSendQueue();
  const pending = createPendingMessages(tree);
  let fields: Omit<ChatSnapshot, 'id' | 'messages' | 'queue'> = {
    status: 'ready',
    isRestoring,
    hasEarlier: false,
    error: undefined,
    persistenceError: undefined,
  };

  const { getSnapshot, subscribe, flush } = createPacedStore<ChatSnapshot>(() => ({
    id,
    messages: pending.shown(),
    queue: pending.queued(queue.messages()),
    ...fields,
  }));

  let batches = 0;

  function isTaken(messageId: string): boolean {
    if (tree.get(messageId) ?? pending.get(messageId)) return true;
    return queue.messages().some((queued) => queued.id === messageId);
  }

  return {
    view: {
      id,
      getSnapshot,
      subscribe,
      messageIds: { getSnapshot: pending.ids, subscribe },
      message(messageId) {
        const find = (): ChatMessage | undefined => tree.get(messageId) ?? pending.get(messageId);
        return {
          getSnapshot: find,
          subscribe(listener) {
            let told = find();
            return subscribe(() => {
              const message = find();
              if (message === told) return;
              told = message;
              listener();
            });
          },
        };
      },
    },
    tree,
    queue,
    pending,
    callChanges: new Map(),
    options,
    createId() {
      const { generateId } = options();
      const made = generateId?.();
      // An id that is taken would replace another message.
      return made && !isTaken(made) ? made : newId();
    },
    batch(work) {
      batches += 1;
      try {
        return work();
      } finally {
        batches -= 1;
        if (batches === 0) flush();
      }
    },
    set(next = {}) {
      fields = { ...fields, ...next };
      if (batches > 0) return;
      // Paced by the runs: nothing else changes often.
      flush();
    },
  };
}

export function providerOf({ options }: ChatState): Provider {
  return options().client.config.provider;
}

/** One of the tools of the page. */
export function toolNamed({ options }: ChatState, name: string): Tool | undefined {
  return toolIn(options().tools, name);
}

export function toolIn(tools: ChatOptions['tools'], name: string): Tool | undefined {
  // One of the record's own: the model may ask for `constructor`.
  return tools && Object.hasOwn(tools, name) ? tools[name] : undefined;
}

/** Changes the parts of a message, if it is there, and tells. */
export function amend({ tree, set }: ChatState, id: string, change: (parts: readonly Part[]) => readonly Part[]): void {
  const message = tree.get(id);
  if (message) tree.put({ ...message, parts: change(message.parts) });
  set();
}
