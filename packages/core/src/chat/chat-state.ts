import type { Part } from '../message.ts';
import type { Provider } from '../providers/provider.ts';
import { createPacedStore } from '../store.ts';
import type { Chat, ChatSnapshot } from './chat.ts';
import type { ChatMessage } from './chat-message.ts';
import type { ChatOptions } from './chat-options.ts';
import { createMessageTree, type MessageTree } from './message-tree.ts';
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
  /** Ends it at once. */
  readonly stop: () => void;
}

/** A message that waits to be sent. */
export interface QueuedMessage {
  readonly message: ChatMessage;
  readonly start: () => Promise<void>;
  /** It will not be sent. */
  readonly drop: () => void;
}

/** What a chat is at the moment, and who is told when that changes. */
export interface ChatState {
  /** What can be seen from outside. */
  readonly view: Pick<Chat, 'id' | 'getSnapshot' | 'subscribe' | 'messageIds' | 'message'>;
  readonly tree: MessageTree;
  turn?: Turn | undefined;
  queue: readonly QueuedMessage[];
  /** As they are now. */
  options(): ChatOptions;
  /** Has these fields in place of those before, and tells of all that changed. */
  set(fields?: Partial<Omit<ChatSnapshot, 'id' | 'messages'>>): void;
}

export function createChatState(id: string, options: () => ChatOptions, isRestoring: boolean): ChatState {
  const tree = createMessageTree();
  let said: Omit<ChatSnapshot, 'id' | 'messages'> = {
    status: 'ready',
    queue: [],
    isRestoring,
    hasEarlier: false,
    error: undefined,
    persistenceError: undefined,
  };

  const { getSnapshot, subscribe, flush } = createPacedStore<ChatSnapshot>(() => ({
    id,
    messages: tree.shown(),
    ...said,
  }));

  return {
    view: {
      id,
      getSnapshot,
      subscribe,
      messageIds: { getSnapshot: tree.ids, subscribe },
      message: (messageId) => ({
        getSnapshot: () => tree.get(messageId),
        subscribe(listener) {
          let told = tree.get(messageId);
          return subscribe(() => {
            const message = tree.get(messageId);
            if (message === told) return;
            told = message;
            listener();
          });
        },
      }),
    },
    tree,
    queue: [],
    options,
    set(fields) {
      said = { ...said, ...fields };
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
  const { tools = {} } = options();
  // One of the record's own: the model may ask for `constructor`.
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}

/** Changes the parts of a message, if it is there, and tells. */
export function amend({ tree, set }: ChatState, id: string, change: (parts: readonly Part[]) => readonly Part[]): void {
  const message = tree.get(id);
  if (message) tree.put({ ...message, parts: change(message.parts) });
  set();
}
