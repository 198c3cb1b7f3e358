import { newId } from '../utils/id.ts';
import type { Part, TextPart, ToolCallPart } from '../types/message.ts';
import type { Run } from '../run/run.ts';
import type { ChatMessage } from './chat-message.ts';
import { providerOf, toolIn, type ChatState } from './state.ts';
import { openCallsOf } from './open-calls.ts';
import { invokeSafely } from '../utils/invoke-safely.ts';

/** Where the parts of a run go. */
export interface FollowOptions {
  /** The answer to fill. Without one it is a new one, to the message `leaf`. */
  readonly answer: ChatMessage | undefined;
  readonly leaf: string | undefined;
  /** The parts of the answer that stay. */
  readonly before: readonly Part[];
  /** The text that the run goes on with: the last of these parts. */
  readonly cut: TextPart | undefined;
  /** The run is read again, not asked for. */
  readonly resume?: boolean | undefined;
}

/** Fills an answer with a run, as that comes. Gives the id of the answer when the run ended well. */
export async function followRun(
  state: ChatState,
  run: Run,
  { leaf, answer, before, cut, resume }: FollowOptions,
): Promise<string> {
  const { tree, options, createId, set } = state;
  const { supports } = providerOf(state);
  const shownAs = new WeakMap<Part, Part>();
  const { onData, tools } = options();
  let id = answer?.id ?? createId();
  let isNamed = !!answer || !supports.wholeAnswers;
  let isOver = false;

  /** A part that is shown as another one. That stays the same object, too. */
  function shown(part: Part, next: Part): Part {
    const as = shownAs.get(part) ?? next;
    shownAs.set(part, as);
    return as;
  }

  /** A call whose id an earlier one of the step has gets an id of its own: its result and the history refer to it by that. */
  function withUniqueCallIds(parts: readonly Part[]): readonly Part[] {
    if (supports.wholeAnswers) return parts;
    const calls = parts.filter((part) => part.type === 'tool-call');
    const ids = new Set(calls.map((call) => call.id));
    if (ids.size === calls.length) return parts;
    const used = new Set<string>();
    return parts.map((part, index) => {
      if (part.type !== 'tool-call') return part;
      let callId = part.id;
      for (let copy = index; used.has(callId) || (callId !== part.id && ids.has(callId)); copy += 1) {
        callId = `${part.id}-${copy}`;
      }
      used.add(callId);
      return callId === part.id ? part : shown(part, { ...part, id: callId });
    });
  }

  /** Ids of approvals by the position of their call in the run. */
  const approvalIds = new Map<number, string>();
  let usedApprovalIds: Set<string> | undefined;

  /** The id of an approval; a new one if another call of the chat has it, so that allowing one call never allows another. */
  function uniqueApprovalId(asked: string, index: number): string {
    const known = approvalIds.get(index);
    if (known !== undefined) return known;
    usedApprovalIds ??= approvalIdsOf([
      ...before,
      ...tree.all().messages.flatMap((message): readonly Part[] => (message.id === answer?.id ? [] : message.parts)),
    ]);
    const unique = usedApprovalIds.has(asked) ? newId() : asked;
    usedApprovalIds.add(unique);
    approvalIds.set(index, unique);
    return unique;
  }

  /** A call that the page carries out: only the page checks its input, and only a person in the page allows it. */
  function ownCall(part: ToolCallPart, approvalId: string | undefined): ToolCallPart {
    return { ...part, input: undefined, ...(approvalId !== undefined && { approval: { id: approvalId } }) };
  }

  function write(): void {
    const { finishReason, error, retry, status, usage, message } = run.getSnapshot();
    const { metadata } = message;
    const parts = withUniqueCallIds(message.parts);
    const isDone = finishReason && finishReason !== 'aborted';
    isOver = !!(finishReason ?? error);
    // Of what broke off before it began there is nothing to show.
    if (isDone || (parts[0] ? isNamed || isOver : isOver && answer && !resume)) {
      // What can be resumed comes again from where it began: until it is whole, it stands apart.
      const joined = (isDone || !supports.resume) && parts[0]?.type === 'text' ? cut : undefined;
      const settled = joined ? before.slice(0, -1) : before;
      const unanswered = new Set<Part>(openCallsOf(parts));
      tree.put({
        ...(answer ?? { parentId: leaf }),
        id,
        role: 'assistant',
        parts: [
          ...settled,
          ...parts.map((part, index) => {
            // Text goes on where it was cut.
            if (joined && !index && part.type === 'text') {
              return shown(part, { ...joined, ...part, text: joined.text + part.text });
            }
            if (part.type !== 'tool-call') return part;
            const approvalId = part.approval && uniqueApprovalId(part.approval.id, index);
            // Other calls have the input and the approval that the backend has checked.
            return unanswered.has(part) && toolIn(tools, part.name) ? shown(part, ownCall(part, approvalId)) : part;
          }),
        ] as ChatMessage['parts'],
        ...(metadata && { metadata: { ...answer?.metadata, ...metadata } }),
        finishReason: isOver ? (finishReason ?? 'interrupted') : undefined,
        usage,
        openFrom: isDone ? undefined : settled.length,
      });
    }
    // Until it answers, there may be nothing to resume.
    const isShown = !isOver && !(resume && status === 'submitted');
    set({ retry, ...(isShown && { status }) });
  }

  async function read(): Promise<void> {
    for await (const event of run) {
      if (!isNamed) {
        // Backends that keep their answers know them by their own ids.
        if (event.type === 'start' && event.id && !tree.get(event.id)) id = event.id;
        isNamed = true;
        if (!isOver) write();
      }
      if (event.type === 'data') invokeSafely(() => onData?.(event));
      else if (!onData) break;
    }
  }

  const unsubscribe = run.subscribe(write);
  if (!isNamed || onData) read().catch(() => undefined);
  try {
    await run.result;
  } finally {
    unsubscribe();
    if (!isOver) write();
  }
  return id;
}

function approvalIdsOf(parts: readonly Part[]): Set<string> {
  return new Set(parts.flatMap((part) => (part.type === 'tool-call' && part.approval ? [part.approval.id] : [])));
}
