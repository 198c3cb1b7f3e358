import type { ChatMessage, ChatThread } from './chat-message.ts';

/** Messages as a tree, and the branch of it that is shown. */
export interface MessageTree {
  get(id: string | undefined): ChatMessage | undefined;
  /** The branch that is shown. A new array whenever something in it changed. */
  shown(): readonly ChatMessage[];
  /** Its ids: the same array until other messages are shown. */
  ids(): readonly string[];
  /** The last message that is shown. */
  head(): string | undefined;
  /** The branch that ends with this message. */
  pathTo(id: string | undefined): ChatMessage[];
  /** The message and its alternatives, by id, oldest first. */
  siblings(id: string): readonly string[];
  /** Adds a message, or replaces the one with its id. A new one is shown if what it comes after is the last that is shown. */
  put(message: ChatMessage): void;
  /** Takes a message out; what comes after it then comes after the one before. Where it was the last, `head` is shown. */
  remove(id: string, head: string | undefined): void;
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

export function createMessageTree(): MessageTree {
  let nodes = new Map<string | undefined, ChatMessage>();
  let children = new Map<string | undefined, string[]>();
  /** Which child of a message is shown; '' for none. */
  let chosen = new Map<string | undefined, string>();
  let path: readonly ChatMessage[] = [];
  let ids: readonly string[] = [];

  function insert(message: ChatMessage): void {
    const { id, parentId } = message;
    if (!nodes.has(id)) children.set(parentId, [...(children.get(parentId) ?? []), id]);
    nodes.set(id, message);
  }

  function head(): string | undefined {
    return ids.at(-1);
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

  function rebuild(messages: readonly ChatMessage[], last: string | undefined): void {
    nodes = new Map();
    children = new Map();
    // Parents come first, so there are no circles.
    for (const message of messages) insert(after(message, nodes.has(message.parentId) ? message.parentId : undefined));
    show(last, true);
  }

  return {
    get: (id) => nodes.get(id),
    shown: () => path,
    ids: () => ids,
    head,
    pathTo,
    siblings: (id) => children.get(nodes.get(id)?.parentId) ?? [],
    put(message) {
      const { id, parentId } = message;
      const isNext = !nodes.has(id) && head() === parentId;
      insert(message);
      if (isNext) show(id, true);
      const index = path.findLastIndex((shown) => shown.id === id);
      if (index >= 0) path = path.with(index, message);
    },
    remove(id, last) {
      const before = nodes.get(id)?.parentId;
      const rest = [...nodes.values()].flatMap((message) => {
        const { parentId } = message;
        return message.id === id ? [] : after(message, parentId === id ? before : parentId);
      });
      rebuild(rest, head() === id ? last : head());
    },
    show,
    open: ({ messages, head: last = messages.at(-1)?.id }) => rebuild(messages, last),
    replace(messages) {
      const kept = new Map<string, ChatMessage>();
      let last: string | undefined;
      for (const message of messages) {
        kept.set(message.id, after(message, last));
        last = message.id;
      }
      const gone = new Set(ids.filter((id) => !kept.has(id)));
      const others = [...nodes.values()].filter(({ id, parentId = '' }) => {
        // Of nothing there are no branches.
        if (!last || gone.has(parentId)) gone.add(id);
        return !gone.has(id) && !kept.has(id);
      });
      chosen = new Map();
      rebuild([...kept.values(), ...others], last);
    },
    all: () => ({ messages: [...nodes.values()], head: head() }),
  };
}
