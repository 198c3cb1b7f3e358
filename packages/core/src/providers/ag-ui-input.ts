import { newId } from '../id.ts';
import { partsOf, textOf, type FilePart, type MessageInput, type Part } from '../message.ts';
import type { Body } from './endpoint.ts';
import { settingsOf, threadIdOf, type ThreadId } from './own-backend.ts';
import type { ResolvedRequest } from './provider.ts';
import { argumentsOf } from './tool-history.ts';

/**
 * The body of a request.
 * @param name of the provider, whose metadata the parts have.
 */
export function toRunInput(request: ResolvedRequest, name: string, threadId?: ThreadId): Body {
  const { system, messages, providerOptions } = request;
  const { system: _, tools: __, ...forwardedProps } = settingsOf(request);
  const all = system === undefined ? messages : [{ role: 'system' as const, content: system }, ...messages];
  /** What was decided and not carried out since, by its call. */
  const decided = new Map<string, object>();
  for (const part of messages.slice(-1).flatMap(partsOf)) {
    if (part.type === 'tool-result') decided.delete(part.toolCallId);
    if (part.type === 'tool-call' && part.approval?.approved != null) {
      const { id: interruptId, ...payload } = part.approval;
      decided.set(part.id, { interruptId, status: 'resolved', payload });
    }
  }
  const resume = [...decided.values()];
  let state: unknown = {};
  for (const part of messages.flatMap(partsOf)) if (part.type === 'data' && part.name === 'state') state = part.data;
  return {
    threadId: threadIdOf(request, threadId),
    runId: newId(),
    messages: toWireMessages(all, name),
    tools:
      request.tools?.map(({ name: tool, description = '', inputSchema: parameters }) => ({
        name: tool,
        description,
        parameters,
      })) ?? [],
    state,
    context: [],
    forwardedProps,
    resume: resume[0] && resume,
    ...providerOptions?.[name],
  };
}

/** What the wire says of a part beyond the words of ours: it stands under the provider's name in its metadata. */
export interface Own {
  /** Of the message that the part was; of a call, that of the message which makes it. */
  readonly messageId?: string | undefined;
  /** Thoughts that only the model can read. */
  readonly encryptedValue?: string | undefined;
}

interface WireMessage {
  readonly id: string;
  readonly role: string;
  toolCalls?: unknown[];
  readonly [field: string]: unknown;
}

/**
 * Our messages as those of AG-UI, where a thought, a result or an activity is a message of its own. Messages that came
 * over this wire keep their ids, by which backends tell what they have already.
 * https://docs.ag-ui.com/concepts/messages
 */
function toWireMessages(messages: readonly MessageInput[], name: string): WireMessage[] {
  return messages.flatMap((message) => {
    const { id = newId(), role } = message;
    const parts = partsOf(message);
    if (role === 'assistant' || role === 'tool') return fromAnswer(parts, id, name);
    const hasFiles = parts.some((part) => part.type === 'file');
    return { id, role, content: hasFiles ? parts.flatMap(toContent) : textOf(parts, 'text') };
  });
}

function fromAnswer(parts: readonly Part[], answerId: string, name: string): WireMessage[] {
  const messages: WireMessage[] = [];
  /** The message that takes the calls which come next. */
  let caller: WireMessage | undefined;

  function add(fields: Omit<WireMessage, 'id'>, own: Own | undefined): WireMessage {
    const { messageId, ...kept } = own ?? {};
    const { length } = messages;
    const message = {
      ...kept,
      ...fields,
      id: messageId ?? (length ? `${answerId}-${length}` : answerId),
    } as WireMessage;
    messages.push(message);
    caller = message.role === 'assistant' ? message : undefined;
    return message;
  }

  for (const part of parts) {
    const own = part.providerMetadata?.[name] as Own | undefined;
    switch (part.type) {
      case 'text':
      case 'refusal':
        add({ role: 'assistant', content: part.text }, own);
        break;
      case 'reasoning':
        add({ role: part.type, content: part.text }, own);
        break;
      case 'tool-call': {
        const { messageId, ...kept } = own ?? {};
        caller ??= add({ role: 'assistant' }, { messageId });
        (caller.toolCalls ??= []).push({
          ...kept,
          id: part.id,
          type: 'function',
          function: { name: part.name, arguments: argumentsOf(part) },
        });
        break;
      }
      case 'tool-result': {
        const { toolCallId, output, isError } = part;
        const content = typeof output === 'string' ? output : (JSON.stringify(output) ?? '');
        add({ role: 'tool', toolCallId, content, error: isError ? content : undefined }, own);
        break;
      }
      case 'data':
        // State goes by itself, and what is the application's own has no place.
        if (own) add({ role: 'activity', activityType: part.name, content: part.data }, own);
        break;
      default:
    }
  }
  return messages;
}

function toContent(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  return part.type === 'file' ? [{ type: kindOf(part), source: sourceOf(part) }] : [];
}

function kindOf({ mediaType }: FilePart): string {
  return /^(image|audio|video)\//.exec(mediaType)?.[1] ?? 'document';
}

function sourceOf({ url, data, mediaType: mimeType }: FilePart): object {
  return url === undefined ? { type: 'data', value: data, mimeType } : { type: 'url', value: url, mimeType };
}
