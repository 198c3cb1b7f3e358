import type { ChatMessage, ChatThread } from './chat-message.ts';

/** Messages as a tree, and the branch of it that is shown. */
export interface Tree {
  get(id: string | undefined): ChatMessage | undefined;
  /** The branch that is shown. A new array whenever something in it changed. */
  shown(): readonly ChatMessage[];
  /** Its ids: the same array until other messages are shown. */
  ids(): readonly string[];
  /** The branch that ends with this message. */
  pathTo(id: string | undefined): ChatMessage[];
  /** The message and its alternatives, by id, oldest first. */
  siblings(id: string): readonly string[];
  /** Adds a message, or replaces the one with its id. */
  put(message: ChatMessage): void;
  /** Shows the branch of this message, down to its end; with `asLast`, as far as this message. */
  show(id: string | undefined, asLast?: boolean): void;
  /** Shows these messages, one after the other. What hung on those that are gone goes with them; with none of them, all. */
  replace(messages: readonly ChatMessage[]): void;
  open(thread: ChatThread): void;
  all(): ChatThread;
}

/** The message with this parent; the same object if it has it already. */
function after(message: ChatMessage, parentId: string | undefined): ChatMessage {
  return message.parentId === parentId ? message : { ...message, parentId };
}

export function createTree(): Tree {
  let nodes = new Map<string | undefined, ChatMessage>();
  let children = new Map<string | undefined, string[]>();
  /** Which child of a message is shown; '' for none. */
  let chosen = new Map<string | undefined, string>();
  let path: readonly ChatMessage[] = [];
  let ids: readonly string[] = [];

  function put(message: ChatMessage): void {
    const { id, parentId } = message;
    if (!nodes.has(id)) children.set(parentId, [...(children.get(parentId) ?? []), id]);
    nodes.set(id, message);
    const index = path.findLastIndex((shown) => shown.id === id);
    if (index >= 0) path = path.with(index, message);
  }

  function pathTo(id: string | undefined): ChatMessage[] {
    const found: ChatMessage[] = [];
    for (let node = nodes.get(id); node; node = nodes.get(node.parentId)) found.push(node);
    return found.toReversed();
  }

  function show(id: string | undefined, asLast = false): void {
    if (asLast) chosen.set(id, '');
    path = pathTo(id);
    for (const { id: shown, parentId } of path) chosen.set(parentId, shown);
    const rest: ChatMessage[] = [];
    for (let last = id; ; last = rest.at(-1)?.id) {
      const next = nodes.get(chosen.get(last) ?? children.get(last)?.at(-1) ?? '');
      if (!next) break;
      rest.push(next);
    }
    path = [...path, ...rest];
    ids = path.map((message) => message.id);
  }

  function open({ messages, head = messages.at(-1)?.id }: ChatThread): void {
    nodes = new Map();
    children = new Map();
    path = [];
    // Parents come first, so there are no circles.
    for (const message of messages) put(after(message, nodes.has(message.parentId) ? message.parentId : undefined));
    show(head, true);
  }

  return {
    get: (id) => nodes.get(id),
    shown: () => path,
    ids: () => ids,
    pathTo,
    siblings: (id) => children.get(nodes.get(id)?.parentId) ?? [],
    put,
    show,
    open,
    replace(messages) {
      const kept = new Map<string, ChatMessage>();
      let last: string | undefined;
      for (const message of messages) {
        kept.set(message.id, after(message, last));
        last = message.id;
      }
      const gone = new Set(path.map(({ id }) => id).filter((id) => !kept.has(id)));
      const others = [...nodes.values()].filter(({ id, parentId = '' }) => {
        // Of nothing there are no branches.
        if (!last || gone.has(parentId)) gone.add(id);
        return !gone.has(id) && !kept.has(id);
      });
      chosen = new Map();
      open({ messages: [...kept.values(), ...others], head: last ?? '' });
    },
    all: () => ({ messages: [...nodes.values()], head: path.at(-1)?.id }),
  };
}
