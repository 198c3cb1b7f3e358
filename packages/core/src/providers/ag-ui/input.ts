import { newId } from '../../utils/id.ts';
import { partsOf, textOf, type FilePart, type MessageInput, type Part } from '../../types/message.ts';
import { contentText, type SentMessages } from './parts.ts';
import type { SubagentData } from './subagents.ts';
import { identifier, list, record, records, text } from '../../utils/read-value.ts';
import { ownIn, PROTOCOL_VERSION, type Own, type WireMessage as SnapshotMessage } from './wire.ts';
import type { Body } from '../../utils/merge-bodies.ts';
import { settingsOf, threadIdOf, type ThreadId } from '../shared/backend-endpoint.ts';
import type { ResolvedRequest } from '../provider.ts';
import { argumentsOf, outputText } from '../shared/tool-history.ts';

/**
 * The body of a request. https://docs.ag-ui.com/spec/1.0/basic/run-input
 * @param name The name of the provider, which is the key of its metadata in the parts.
 */
export function toRunInput(request: ResolvedRequest, name: string, threadId?: ThreadId): Body {
  const { system, messages, providerOptions } = request;
  const { system: _, tools: __, ...forwardedProps } = settingsOf(request);
  const all = system === undefined ? messages : [{ role: 'system' as const, content: system }, ...messages];
  /** Decisions on calls that have no result yet, by call. */
  const decided = new Map<string, object>();
  for (const part of messages.slice(-1).flatMap(partsOf)) {
    if (part.type === 'tool-result') decided.delete(part.toolCallId);
    if (part.type !== 'tool-call') continue;
    // Ids are of one step: a later call replaces an earlier one.
    decided.delete(part.id);
    if (typeof part.approval?.approved !== 'boolean') continue;
    const { id: interruptId, ...payload } = part.approval;
    decided.set(part.id, { interruptId, status: 'resolved', payload });
  }
  const resume = [...decided.values()];
  let state: unknown = {};
  for (const part of messages.flatMap(partsOf)) if (part.type === 'data' && part.name === 'state') state = part.data;
  return {
    threadId: threadIdOf(request, threadId),
    runId: newId(),
    protocolVersion: PROTOCOL_VERSION,
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

interface WireMessage {
  readonly id: string;
  readonly role: string;
  toolCalls?: unknown[];
  readonly [field: string]: unknown;
}

/**
 * Converts messages to those of AG-UI, where reasoning and results are separate messages. Messages that came over this
 * wire keep their ids, by which backends recognize them. Activities are not sent: they are for the page alone.
 * https://docs.ag-ui.com/concepts/messages https://docs.ag-ui.com/spec/1.0/basic/run-input
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
  /** The message that the next calls are added to. */
  let caller: WireMessage | undefined;

  function add(fields: Omit<WireMessage, 'id'>, own: Own | undefined): WireMessage {
    const { messageId, error: _, ...kept } = own ?? {};
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
    const own: Own | undefined = ownIn(part.providerMetadata?.[name]);
    switch (part.type) {
      case 'text':
      case 'refusal':
        add({ role: 'assistant', content: part.text }, own);
        break;
      case 'reasoning':
        add({ role: part.type, content: part.text }, own);
        break;
      case 'tool-call': {
        const { messageId, subagentRunId, ...kept } = own ?? {};
        // The message of the subagent has this call.
        if (subagentRunId !== undefined) break;
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
        // A result of this wire may be a list of content parts.
        const content = typeof output === 'string' || (own && Array.isArray(output)) ? output : outputText(output);
        const error = isError ? (own?.error ?? outputText(output)) : undefined;
        add({ role: 'tool', toolCallId, content, error }, own);
        break;
      }
      case 'data': {
        if (part.name !== 'subagent') break;
        const subagent: { readonly [Name in keyof SubagentData]?: unknown } | undefined = record(part.data);
        const id = identifier(subagent?.subagentRunId);
        if (id === undefined) break;
        const subagentParts = list(subagent?.parts).filter(isPart);
        const spoken = fromAnswer(subagentParts, `${answerId}-${messages.length}-${id}`, name);
        for (const message of spoken) messages.push({ ...message, subagentRunId: id });
        caller = undefined;
        break;
      }
      default:
    }
  }
  return messages;
}

/** Data of a part may come from storage. */
function isPart(value: unknown): value is Part {
  return text(record(value)?.['type']) !== undefined;
}

/** Indexes the messages of a request for `merge`, which has to skip them. */
export function sentMessages(sent: unknown): SentMessages {
  const messages: readonly SnapshotMessage[] = records(sent);
  const messageIds = new Set<string>();
  const callIds = new Set<string>();
  const answeredCallIds = new Set<string>();
  const steps = new Map<string, string>();
  let lastUserId: string | undefined;
  for (const { id, role, content, toolCalls, toolCallId } of messages) {
    const messageId = identifier(id) ?? '';
    messageIds.add(messageId);
    for (const call of records(toolCalls)) callIds.add(identifier(call['id']) ?? '');
    if (role === 'tool') answeredCallIds.add(identifier(toolCallId) ?? '');
    else if (role === 'user') {
      lastUserId = messageId;
      callIds.clear();
      answeredCallIds.clear();
      steps.clear();
    } else if (role === 'assistant') steps.set(messageId, `text ${contentText(content) ?? ''}`);
    else if (role === 'reasoning') steps.set(messageId, `reasoning ${contentText(content) ?? ''}`);
  }
  return { lastUserId, messageIds, callIds, answeredCallIds, steps };
}

/** The name of a file is metadata, because the wire has no field for it. https://docs.ag-ui.com/sdk/js/core/multimodal-inputs */
function toContent(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type !== 'file') return [];
  const { filename } = part;
  return [{ type: kindOf(part), source: sourceOf(part), metadata: filename === undefined ? undefined : { filename } }];
}

function kindOf({ mediaType }: FilePart): string {
  return /^(image|audio|video)\//.exec(mediaType)?.[1] ?? 'document';
}

function sourceOf({ url, data, mediaType }: FilePart): object {
  // Data needs a type; an address may be sent without one.
  if (url === undefined) return { type: 'data', value: data, mimeType: mediaType || 'application/octet-stream' };
  return { type: 'url', value: url, mimeType: mediaType || undefined };
}
