import {
  partsOf,
  textOf,
  type MessageInput,
  type Part,
  type ToolCallPart,
  type ToolResultPart,
} from '../../types/message.ts';
import type { Choose } from '../shared/choice.ts';
import { type Body, isObject } from '../../utils/merge-bodies.ts';
import { createReturnedFields, withReturnedFields, type SendsField } from './returned-fields.ts';
import { argumentsOf, outputText } from '../shared/tool-history.ts';

/**
 * The fields that a server attached to a part, in `providerMetadata` under the name of the provider. They go back in the
 * place and under the name that they came in, and to that provider only.
 */
export interface OwnFields {
  /** The fields of the message that the text of a reasoning part came in. */
  readonly fields?: readonly string[] | undefined;
  /** Fields whose text differed from that of the part. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** The reasoning was a piece of the content, with these fields of its own. */
  readonly piece?: Readonly<Record<string, unknown>> | undefined;
  /** Fields of the message that the part is of. */
  readonly message?: Readonly<Record<string, unknown>> | undefined;
  /** Fields of the call. */
  readonly call?: Readonly<Record<string, unknown>> | undefined;
  /** Fields of the `function` of the call. */
  readonly function?: Readonly<Record<string, unknown>> | undefined;
  /** The input of the call is text in place of JSON. */
  readonly isCustom?: boolean | undefined;
  /** The file came in `images` of the message. */
  readonly isImage?: boolean | undefined;
}

/**
 * The messages of Chat Completions.
 * https://platform.openai.com/docs/api-reference/chat/create#chat_create-messages
 * @param name of the provider, whose metadata the parts have.
 */
export function toWireMessages(messages: readonly MessageInput[], name: string, choose: Choose): object[] {
  const sends = createReturnedFields(choose);
  return messages.flatMap((message) => toMessages(message, name, sends));
}

/** A message may become several: each tool result is one of its own. */
function toMessages(message: MessageInput, name: string, sends: SendsField): readonly object[] {
  const { role } = message;
  const parts = partsOf(message);
  if (role === 'assistant' || role === 'tool') {
    const returned = parts.map((part) => withReturnedFields(part, name, sends));
    return toAnswer(returned, name);
  }
  const isList = parts.some((part) => part.type === 'file' || cacheControlOf(part, name));
  return [
    {
      role,
      content: isList
        ? parts.flatMap((part) => toWirePart(part).map((piece) => withCacheControl(piece, cacheControlOf(part, name))))
        : textOf(parts, 'text'),
    },
  ];
}

/** A message for each tool result, and one for the parts between them. */
function toAnswer(parts: readonly Part[], name: string): object[] {
  const messages: object[] = [];
  let step: Part[] = [];

  function endStep(): void {
    const message = toAssistantMessage(step, name);
    if (message) messages.push(message);
    step = [];
  }

  for (const part of parts) {
    if (part.type === 'tool-result') {
      endStep();
      messages.push(toResult(part));
    } else {
      step.push(part);
    }
  }
  endStep();
  return messages;
}

function toResult({ toolCallId, output }: ToolResultPart): object {
  return { role: 'tool', tool_call_id: toolCallId, content: outputText(output) };
}

/**
 * Servers refuse a message without content and calls, such as one that was stopped while it thought.
 *
 * Thoughts go back with each message that had them. DeepSeek, Kimi, GLM, MiniMax and Qwen want those of the steps that call
 * tools, in all later requests, and ignore the others: https://api-docs.deepseek.com/guides/thinking_mode
 * https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model
 */
function toAssistantMessage(parts: readonly Part[], name: string): object | undefined {
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? toWireCall(part, ownOf(part, name)) : []));
  const images = parts.flatMap((part) =>
    part.type === 'file' && part.url && ownOf(part, name).isImage
      ? { type: 'image_url', image_url: { url: part.url } }
      : [],
  );
  const fields = fieldsOf(parts, name);
  const text = textOf(parts, 'text');
  const refusal = textOf(parts, 'refusal');
  const isList = parts.some((part) => isObject(ownOf(part, name).piece));
  const isSound = isObject(fields['audio']);
  if (!text && !refusal && !calls[0] && !images[0] && !isSound) return undefined;
  return {
    ...fields,
    role: 'assistant',
    content: isSound ? null : isList ? parts.flatMap((part) => toPiece(part, name)) : text || (calls[0] ? null : ''),
    refusal: refusal || undefined,
    tool_calls: calls[0] && calls,
    images: images[0] && images,
  };
}

/** The fields that the answer of the server had beside its content and calls. */
function fieldsOf(parts: readonly Part[], name: string): Record<string, unknown> {
  const all = new Map<string, unknown>();

  function add(field: string, value: unknown): void {
    const known = all.get(field);
    if (Array.isArray(known) && Array.isArray(value))
      all.set(field, [...(known as unknown[]), ...(value as unknown[])]);
    else if (typeof known === 'string' && typeof value === 'string') all.set(field, known + value);
    else all.set(field, isObject(known) && isObject(value) ? { ...known, ...value } : value);
  }

  for (const part of parts) {
    const { fields, values, message } = ownOf(part, name);
    if (part.type === 'reasoning' && Array.isArray(fields)) {
      for (const field of fields) if (typeof field === 'string') add(field, part.text);
    }
    for (const [field, value] of Object.entries({ ...objectOf(message), ...objectOf(values) })) add(field, value);
  }
  return Object.fromEntries(all);
}

function ownOf(part: Part, name: string): OwnFields {
  const own = part.providerMetadata?.[name];
  return isObject(own) ? own : {};
}

/** Metadata may come from storage, in any shape. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}

function toWireCall(part: ToolCallPart, { call, function: called, isCustom }: OwnFields): object {
  const { id, name } = part;
  const fields = objectOf(call);
  const own = objectOf(called);
  if (isCustom) return { ...fields, id, type: 'custom', custom: { ...own, name, input: part.rawInput } };
  return { type: 'function', ...fields, id, function: { ...own, name, arguments: argumentsOf(part) } };
}

/** https://docs.mistral.ai/capabilities/reasoning/ */
function toPiece(part: Part, name: string): Body[] {
  if (part.type === 'text') return part.text ? [{ type: 'text', text: part.text }] : [];
  const { piece } = ownOf(part, name);
  if (part.type !== 'reasoning' || !isObject(piece)) return [];
  return [{ ...piece, type: 'thinking', thinking: [{ type: 'text', text: part.text }] }];
}

/** https://openrouter.ai/docs/features/prompt-caching */
function cacheControlOf(part: Part, name: string): unknown {
  const own = part.providerMetadata?.[name];
  return isObject(own) ? own['cache_control'] : undefined;
}

function withCacheControl(piece: unknown, control: unknown): unknown {
  return control && isObject(piece) ? { ...piece, cache_control: control } : piece;
}

function toWirePart(part: Part): unknown[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type !== 'file') return [];
  const url = part.url ?? `data:${part.mediaType};base64,${part.data}`;
  const [kind, format = ''] = part.mediaType.split('/');
  if (kind === 'image') return [{ type: 'image_url', image_url: { url } }];
  // The format is `wav` or `mp3`. https://platform.openai.com/docs/guides/audio
  if (kind === 'audio' && part.data !== undefined) {
    const audio = { data: part.data, format: format.replace(/^x-/, '').replace('mpeg', 'mp3') };
    return [{ type: 'input_audio', input_audio: audio }];
  }
  return [{ type: 'file', file: { filename: part.filename ?? 'file', file_data: url } }];
}
