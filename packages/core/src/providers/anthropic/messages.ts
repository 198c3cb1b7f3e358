import { partsOf, type FilePart, textOf, type MessageInput, type Part, type Role } from '../../types/message.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { inlineDataOf, textFromBase64 } from '../shared/inline-data.ts';
import { ownValue, record } from '../../utils/read-value.ts';
import { inputOf, outputText } from '../shared/tool-history.ts';

export interface Turns {
  readonly messages: object[];
  /** The texts of the system messages that are not among them. */
  readonly system: string[];
}

interface Turn {
  role: Role;
  content: Body[];
}

/**
 * The `messages` of a request: roles take turns, and the results of tools belong to the user. What the blocks of an answer
 * had besides is in the metadata of the parts, under `provider`, and goes back as it came.
 *
 * With `keepsSystem`, system messages stay in the conversation: the API takes them between a turn of the user and one of
 * the assistant, or at the end behind one of the user, so each is moved to the next such place.
 * https://platform.claude.com/docs/en/api/messages
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function toTurns(messages: readonly MessageInput[], provider: string, keepsSystem: boolean): Turns {
  const turns: Turn[] = [];
  const system: string[] = [];
  /** The texts of system messages that wait for their place. */
  let waiting: string[] = [];

  function placeSystem(): void {
    if (turns.at(-1)?.role !== 'user' || waiting.length === 0) return;
    turns.push({ role: 'system', content: waiting.map((instruction) => ({ type: 'text', text: instruction })) });
    waiting = [];
  }

  for (const message of messages) {
    if (message.role === 'system') {
      const instruction = textOf(partsOf(message), 'text');
      if (!instruction.trim()) continue;
      if (keepsSystem && turns.length > 0) waiting.push(instruction);
      else system.push(instruction);
      continue;
    }
    for (const part of partsOf(message)) {
      const role = message.role === 'assistant' && part.type !== 'tool-result' ? 'assistant' : 'user';
      const block = toBlock(part, role, provider);
      if (!block) continue;
      if (role === 'assistant') placeSystem();
      const last = turns.at(-1);
      if (last?.role === role) last.content.push(block);
      else turns.push({ role, content: [block] });
    }
  }
  placeSystem();
  return { messages: withoutLastThoughts(turns), system: [...system, ...waiting] };
}

/**
 * The turns without thinking at their end, which an answer has that was stopped before its text: the API refuses it.
 * Turns of the same role that then follow each other become one.
 */
function withoutLastThoughts(turns: readonly Turn[]): Turn[] {
  const kept: Turn[] = [];
  for (const { role, content } of turns) {
    const end = content.findLastIndex(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
    const blocks = role === 'assistant' ? content.slice(0, end + 1) : content;
    const last = kept.at(-1);
    if (last?.role === role) for (const block of blocks) last.content.push(block);
    else if (blocks.length > 0) kept.push({ role, content: blocks });
  }
  return kept;
}

/** The block of a part, or nothing where the API takes none: text of spaces only, thinking that nobody signed. */
function toBlock(part: Part, role: Role, provider: string): Body | undefined {
  const own = record(ownValue(part.providerMetadata, provider));
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text.trim() ? { type: 'text', text: part.text, ...(part.type === 'text' && own) } : undefined;
    case 'reasoning':
      return own && (own['data'] ? own : { type: 'thinking', thinking: part.text, ...own });
    case 'tool-call':
      return { type: 'tool_use', id: part.id, name: part.name, input: inputOf(part), ...own };
    case 'tool-result': {
      const { toolCallId, output, isError } = part;
      const content = output === undefined ? undefined : outputText(output);
      return { type: 'tool_result', tool_use_id: toolCallId, content, is_error: isError, ...own };
    }
    case 'file': {
      if (role !== 'user') return undefined;
      const isImage = part.mediaType.startsWith('image/');
      const title = isImage ? undefined : part.filename;
      return { type: isImage ? 'image' : 'document', source: toSource(part), title, ...own };
    }
    case 'data':
      return part.name === provider && !own?.['isIncomplete'] ? completeBlock(part.data) : undefined;
    default:
      return undefined;
  }
}

/** The block of a data part, unless it is the call of a server tool that was stopped before its result. */
function completeBlock(data: unknown): Body | undefined {
  const block = record(data);
  return block?.['is_pending'] === true ? undefined : block;
}

/** Of a file as `withSendableFiles` leaves it: text files have the type `text/plain`. */
function toSource(part: FilePart): Body {
  const { mediaType, url } = part;
  const data = inlineDataOf(part);
  if (data === undefined) return { type: 'url', url };
  if (mediaType === 'text/plain') return { type: 'text', media_type: mediaType, data: textFromBase64(data) };
  return { type: 'base64', media_type: mediaType, data };
}
