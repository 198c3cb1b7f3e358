import { newId } from '../utils/id.ts';
import type { ChatMessage, ChatThread } from './chat-message.ts';

/** Changes that come from outside of this chat: another tab, or an earlier page of the conversation. */
export interface TreeChanges {
  /** Messages that are older than all others of the tree. */
  readonly earlier?: readonly ChatMessage[] | undefined;
  /** New and changed messages. */
  readonly messages?: readonly ChatMessage[] | undefined;
  readonly removed?: Iterable<string> | undefined;
  /** Whether the shown branch grows by messages that come after its end. */
  readonly follows?: boolean | undefined;
  /** End of the branch to show if the end of the shown one is removed, and the shown branch `follows`. */
  readonly head?: string | undefined;
}

/**
 * Messages as a tree, and the branch of it that is shown. A message whose parent is not in the tree is a root and keeps its
 * `parentId`: the parent may be on a page that was not loaded yet.
 */
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
  /** Adds a message, or replaces the one with its id. A new one is shown if its parent is the last message that is shown. */
  put(message: ChatMessage): void;
  /** Removes a message; its children move to its parent. If it was the last that is shown, `head` is shown. */
  remove(id: string, head: string | undefined): void;
  /** Shows the branch of this message, down to its end; with `asLast`, as far as this message. */
  show(id: string | undefined, asLast?: boolean): void;
  /** Shows these messages in a row. Branches of removed messages are removed with them; an empty list removes all. */
  replace(messages: readonly ChatMessage[]): void;
  open(thread: ChatThread): void;
  /** Merges changes from outside. The shown branch stays. */
  merge(changes: TreeChanges): void;
  all(): ChatThread;
  /** Grows in the order of `all()`. */
  positionOf(id: string): number;
  /** Ids after this one, in the order of `all()`. */
  idsAfter(id: string): Iterable<string>;
  /** All messages in the order of `all()`, without a copy of them. */
  messages(): Iterable<ChatMessage>;
  /** Ids of messages that were added, replaced or removed since the last call, and at first those of all messages. */
  takeChanged(): ReadonlySet<string>;
}

const NO_IDS: readonly string[] = [];

/** The message with this parent; the same object if it has it already. */
function withParent(message: ChatMessage, parentId: string | undefined): ChatMessage {
  return message.parentId === parentId ? message : { ...message, parentId };
}

/** Messages with an id each: a missing, empty or repeated id is replaced by a new one. */
function withOwnIds(messages: readonly ChatMessage[]): ChatMessage[] {
  const seen = new Set<string>();
  return messages.map((message) => {
    const id = message.id && !seen.has(message.id) ? message.id : newId();
    seen.add(id);
    return id === message.id ? message : { ...message, id };
  });
}

/** Messages without circular parents: the first message of a circle becomes a root. */
function withoutCircles(messages: readonly ChatMessage[]): ChatMessage[] {
  const parents = new Map(messages.map(({ id, parentId }) => [id, parentId]));
  const isChecked = new Set<string>();
  const cut = new Set<string>();
  for (const { id } of messages) {
    const walked = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && !isChecked.has(at); at = parents.get(at)) {
      if (walked.has(at)) {
        cut.add(at);
        break;
      }
      walked.add(at);
    }
    for (const each of walked) isChecked.add(each);
  }
  return messages.map((message) => (cut.has(message.id) ? withParent(message, undefined) : message));
}

export function createMessageTree(): MessageTree {
  let nodes = new Map<string, ChatMessage>();
  /** Ids in the order of `nodes`. A removed one leaves a gap. */
  let order: (string | undefined)[] = [];
  let positions = new Map<string, number>();
  /** `undefined` if nothing reads it. */
  let changed: Set<string> | undefined;
  let children = new Map<string | undefined, string[]>();
  /** Copies of the lists of children that were returned, until a list changes. */
  const returnedChildren = new Map<string | undefined, readonly string[]>();
  /** Parents that are not in the tree. */
  let unknownParents = new Set<string>();
  /** Which child of a message is shown; `null` if the branch ends with the message. */
  let chosen = new Map<string | undefined, string | null>();
  let path: ChatMessage[] = [];
  /** Copies of the path that were returned, until it changes. */
  let shown: readonly ChatMessage[] | undefined = [];
  let ids: readonly string[] | undefined = NO_IDS;

  function setNode(message: ChatMessage): void {
    const { id } = message;
    changed?.add(id);
    if (!nodes.has(id)) {
      positions.set(id, order.length);
      order.push(id);
    }
    nodes.set(id, message);
  }

  function deleteNode(id: string): void {
    const position = positions.get(id);
    if (position !== undefined) order[position] = undefined;
    positions.delete(id);
    nodes.delete(id);
    changed?.add(id);
  }

  /** The parent in the tree; `undefined` for a root. */
  function parentOf({ parentId }: ChatMessage): string | undefined {
    return parentId !== undefined && nodes.has(parentId) ? parentId : undefined;
  }

  function addChild(parent: string | undefined, id: string): void {
    const siblings = children.get(parent);
    if (siblings) siblings.push(id);
    else children.set(parent, [id]);
    returnedChildren.delete(parent);
  }

  function attach(message: ChatMessage): void {
    const { id, parentId } = message;
    if (parentId !== undefined && !nodes.has(parentId)) unknownParents.add(parentId);
    addChild(parentOf(message), id);
  }

  function removeChild(parent: string | undefined, id: string): void {
    const siblings = children.get(parent) ?? [];
    const index = siblings.lastIndexOf(id);
    if (index >= 0) siblings.splice(index, 1);
    returnedChildren.delete(parent);
    if (chosen.get(parent) === id) chosen.delete(parent);
  }

  function head(): string | undefined {
    return path.at(-1)?.id;
  }

  function pathTo(id: string | undefined): ChatMessage[] {
    const found: ChatMessage[] = [];
    for (let at = id; at !== undefined;) {
      const node = nodes.get(at);
      if (!node) break;
      found.push(node);
      at = node.parentId;
    }
    return found.toReversed();
  }

  /** The child that is shown. */
  function nextOf(id: string | undefined): ChatMessage | undefined {
    const wanted = chosen.get(id);
    if (wanted === null) return undefined;
    const child = wanted === undefined ? undefined : nodes.get(wanted);
    // A merge may have moved it.
    if (child && parentOf(child) === id) return child;
    const latest = children.get(id)?.at(-1);
    return latest === undefined ? undefined : nodes.get(latest);
  }

  function setPath(next: ChatMessage[]): void {
    path = next;
    shown = undefined;
    ids = undefined;
  }

  function show(id: string | undefined, asLast = false): void {
    const known = id !== undefined && nodes.has(id) ? id : undefined;
    if (asLast) chosen.set(known, null);
    const next = pathTo(known);
    for (const message of next) chosen.set(parentOf(message), message.id);
    for (let last = known; ;) {
      const child = nextOf(last);
      if (!child) break;
      next.push(child);
      last = child.id;
    }
    setPath(next);
  }

  /** Builds the tree from messages with unique ids. Shows the branch that ends with `last`. */
  function rebuild(messages: readonly ChatMessage[], last: string | undefined): void {
    const all = withoutCircles(messages);
    for (const id of nodes.keys()) changed?.add(id);
    nodes = new Map();
    order = [];
    positions = new Map();
    for (const message of all) setNode(message);
    children = new Map();
    unknownParents = new Set();
    returnedChildren.clear();
    for (const message of all) attach(message);
    show(last, true);
  }

  return {
    get: (id) => (id === undefined ? undefined : nodes.get(id)),
    shown: () => (shown ??= [...path]),
    ids: () => (ids ??= path.map(({ id }) => id)),
    head,
    pathTo,
    siblings(id) {
      const message = nodes.get(id);
      if (!message) return NO_IDS;
      const parent = parentOf(message);
      const known = returnedChildren.get(parent) ?? [...(children.get(parent) ?? [])];
      returnedChildren.set(parent, known);
      return known;
    },
    put(message) {
      const { id } = message;
      const before = nodes.get(id);
      if (before) {
        // A message keeps its place in the tree.
        const placed = withParent(message, before.parentId);
        setNode(placed);
        const index = path.lastIndexOf(before);
        if (index < 0) return;
        path[index] = placed;
        shown = undefined;
        return;
      }
      const parent = parentOf(message);
      const isNext = head() === parent;
      if (unknownParents.has(id) || message.parentId === id) {
        rebuild([...nodes.values(), message], isNext ? id : head());
        return;
      }
      setNode(message);
      attach(message);
      if (!isNext) return;
      chosen.set(parent, id);
      chosen.set(id, null);
      path.push(message);
      shown = undefined;
      ids = undefined;
    },
    remove(id, last) {
      const message = nodes.get(id);
      if (!message) return;
      const isHead = head() === id;
      const parent = parentOf(message);
      const orphans = children.get(id) ?? [];
      const isChosen = chosen.get(parent) === id;
      const next = chosen.get(id);
      deleteNode(id);
      removeChild(parent, id);
      children.delete(id);
      chosen.delete(id);
      for (const orphan of orphans) {
        const child = nodes.get(orphan);
        if (child) setNode(withParent(child, message.parentId));
        addChild(parent, orphan);
      }
      if (isChosen && next !== undefined) chosen.set(parent, next);
      if (isHead && orphans.length === 0 && last === parent) {
        chosen.set(parent, null);
        path.pop();
        shown = undefined;
        ids = undefined;
        return;
      }
      show(isHead ? last : head(), true);
    },
    show,
    open({ messages, head: last }) {
      const own = withOwnIds(messages);
      const isKnown = last !== undefined && own.some(({ id }) => id === last);
      chosen = new Map();
      rebuild(own, isKnown ? last : own.at(-1)?.id);
    },
    replace(messages) {
      const own = withOwnIds(messages);
      const kept = new Map<string, ChatMessage>();
      // The parent of the first message may be on a page that was not loaded.
      const earlier = path[0]?.parentId;
      let last = own.some(({ id }) => id === earlier) ? undefined : earlier;
      for (const message of own) {
        kept.set(message.id, withParent(message, last));
        last = message.id;
      }
      const gone = new Set<string | undefined>(path.flatMap(({ id }) => (kept.has(id) ? [] : [id])));
      const all = new Map<string, ChatMessage>();
      for (const [id, message] of nodes) {
        const next = kept.get(id) ?? message;
        if (own.length > 0 && !gone.has(id)) all.set(id, next);
      }
      for (const [id, message] of kept) all.set(id, message);
      const rest = [...all.values()].filter((message) => stays(message, kept, gone, all));
      chosen = new Map();
      rebuild(rest, own.at(-1)?.id);
    },
    merge({ earlier = [], messages = [], removed = [], follows = false, head: kept }) {
      const wasShown = head();
      const all = new Map(earlier.map((message) => [message.id, message]));
      for (const [id, message] of nodes) all.set(id, message);
      let isSameTree = earlier.length === 0;
      let isContinued = false;
      for (const message of messages) {
        const before = all.get(message.id);
        all.set(message.id, message);
        if (before && before.parentId === message.parentId) continue;
        isSameTree = false;
        isContinued ||= !before && message.parentId === wasShown;
      }
      const gone = new Set(removed);
      for (const id of gone) {
        if (all.delete(id)) isSameTree = false;
      }
      if (isSameTree) {
        for (const message of messages) setNode(message);
        setPath(pathTo(wasShown));
        return;
      }
      // The nearest message of the shown branch that is left.
      const last = path.findLast(({ id }) => all.has(id))?.id;
      rebuild(
        Array.from(all.values(), (message) => withParent(message, keptAncestor(message.parentId, gone, nodes))),
        last,
      );
      if (follows && (last === undefined || last !== wasShown) && kept !== undefined && nodes.has(kept)) {
        show(kept, true);
        return;
      }
      const isEmptied = last === undefined;
      if (!follows || !(isEmptied || (isContinued && last === wasShown))) return;
      // The shown branch goes on with the new messages that follow its end.
      chosen.delete(last);
      show(last);
    },
    all: () => ({ messages: [...nodes.values()], head: head() }),
    positionOf: (id) => positions.get(id) ?? order.length,
    *idsAfter(id) {
      const position = positions.get(id) ?? order.length;
      for (let at = position + 1; at < order.length; at += 1) {
        const next = order[at];
        if (next !== undefined) yield next;
      }
    },
    messages: () => nodes.values(),
    takeChanged() {
      const taken = changed ?? new Set(nodes.keys());
      changed = new Set();
      return taken;
    },
  };
}

/** The next ancestor that was not removed. */
function keptAncestor(
  id: string | undefined,
  gone: ReadonlySet<string>,
  nodes: ReadonlyMap<string, ChatMessage>,
): string | undefined {
  let at = id;
  while (at !== undefined && gone.has(at)) at = nodes.get(at)?.parentId;
  return at;
}

/** Whether neither a message nor one of its ancestors is gone. Adds what it finds to `kept` and `gone`, so each is visited once. */
function stays(
  message: ChatMessage,
  kept: Map<string, ChatMessage>,
  gone: Set<string | undefined>,
  all: ReadonlyMap<string, ChatMessage>,
): boolean {
  const walked: ChatMessage[] = [];
  const isWalked = new Set<string>();
  let at: ChatMessage | undefined = message;
  while (at && !kept.has(at.id) && !gone.has(at.id) && !isWalked.has(at.id)) {
    walked.push(at);
    isWalked.add(at.id);
    if (gone.has(at.parentId)) break;
    at = at.parentId === undefined ? undefined : all.get(at.parentId);
  }
  const isGone = at !== undefined && (gone.has(at.id) || gone.has(at.parentId)) && !kept.has(at.id);
  for (const each of walked) {
    if (isGone) gone.add(each.id);
    else kept.set(each.id, each);
  }
  return !isGone;
}
