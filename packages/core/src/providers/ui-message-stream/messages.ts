import { newId } from '../../utils/id.ts';
import {
  partsOf,
  type MessageInput,
  type Part,
  type ProviderMetadata,
  type SourcePart,
  type ToolCallPart,
  type ToolResultPart,
} from '../../types/message.ts';
import { filledText, flag, identifier, record, text } from '../../utils/read-value.ts';
import { inputOf, outputText, resultsOfCalls } from '../shared/tool-history.ts';

/**
 * The fields of a UI message part for which our parts have none. They are kept as metadata of the part, under the name of
 * the provider, and sent back.
 */
export interface UIPartFields {
  readonly type?: string | undefined;
  readonly kind?: string | undefined;
  readonly citations?: unknown;
  readonly title?: string | undefined;
  readonly toolMetadata?: unknown;
  readonly providerExecuted?: boolean | undefined;
  /** `text` if the arguments are a text that the tool takes as it is. */
  readonly inputEncoding?: string | undefined;
  readonly approval?: UIApproval | undefined;
}

/** What the backend sent with its request for an approval. The id and the decision are here only if it decides itself. */
interface UIApproval {
  readonly descriptor?: unknown;
  readonly requestReason?: string | undefined;
  readonly signature?: string | undefined;
  readonly inputSchemaInput?: unknown;
  readonly isAutomatic?: boolean | undefined;
  readonly id?: string | undefined;
  readonly approved?: boolean | undefined;
  readonly reason?: string | undefined;
}

/**
 * Converts messages to those of the AI SDK. There a result is part of its call, and no message has the role `tool`.
 * https://github.com/vercel/ai/blob/main/packages/ai/src/ui/ui-messages.ts
 * The parts are those that its `validateUIMessages` accepts.
 * https://github.com/vercel/ai/blob/main/packages/ai/src/ui/validate-ui-messages.ts
 * @param name The name of the provider, which is the key of its metadata in the parts.
 */
export function toUIMessages(messages: readonly MessageInput[], name: string): unknown[] {
  const results = resultsOfCalls(messages);
  return messages.flatMap((message, at) => {
    const { id = newId(), role, metadata } = message;
    if (role === 'tool') return [];
    const parts = partsOf(message).map((part, index) => toUIPart(part, name, results[at]?.[index]));
    return { id, role, metadata, parts };
  });
}

/** @param result The result of the call that `part` is. */
function toUIPart(part: Part, name: string, result: ToolResultPart | undefined): unknown {
  const own = ownFields(part.providerMetadata?.[name]);
  const providerMetadata = othersOf(part.providerMetadata, name);
  switch (part.type) {
    case 'tool-call': {
      const resultProviderMetadata = othersOf(result?.providerMetadata, name);
      return { ...toToolPart(part, result, own), callProviderMetadata: providerMetadata, resultProviderMetadata };
    }
    case 'tool-result':
      // The next parts are of a step that began with the result.
      return { type: 'step-start' };
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'file': {
      const { data, url = `data:${part.mediaType};base64,${data}` } = part;
      return { ...part, data: undefined, url, type: own?.type ?? part.type, providerMetadata };
    }
    case 'source':
      return { ...toSourcePart(part), providerMetadata };
    case 'data': {
      const { id, data = null } = part;
      switch (own?.type) {
        case 'custom':
          return { type: own.type, kind: own.kind, providerMetadata };
        case 'steering-message':
          return { type: own.type, id, parts: data };
        default:
          return { type: `data-${part.name}`, id, data };
      }
    }
    default:
      return { ...part, citations: own?.citations, providerMetadata };
  }
}

/** The fields of a part that this wire attached to it. Parts may come from storage, so their types are not certain. */
function ownFields(value: unknown): UIPartFields | undefined {
  const own: { readonly [Name in keyof UIPartFields]?: unknown } | undefined = record(value);
  if (!own) return undefined;
  return {
    type: filledText(own.type),
    kind: text(own.kind),
    citations: own.citations,
    title: text(own.title),
    toolMetadata: own.toolMetadata,
    providerExecuted: flag(own.providerExecuted),
    inputEncoding: text(own.inputEncoding),
    approval: approvalFields(own.approval),
  };
}

function approvalFields(value: unknown): UIApproval | undefined {
  const own: { readonly [Name in keyof UIApproval]?: unknown } | undefined = record(value);
  return (
    own && {
      descriptor: own.descriptor,
      requestReason: text(own.requestReason),
      signature: text(own.signature),
      inputSchemaInput: own.inputSchemaInput,
      isAutomatic: flag(own.isAutomatic),
      id: identifier(own.id),
      approved: flag(own.approved),
      reason: text(own.reason),
    }
  );
}

function othersOf(metadata: ProviderMetadata | undefined, name: string): ProviderMetadata | undefined {
  if (!metadata) return undefined;
  const { [name]: _, ...others } = metadata;
  return others;
}

function toSourcePart({ id, url, title, mediaType, filename }: SourcePart): object {
  if (url !== undefined && !mediaType) return { type: 'source-url', sourceId: id ?? url, url, title };
  return {
    type: 'source-document',
    sourceId: id ?? url ?? '',
    mediaType: mediaType ?? 'application/octet-stream',
    title: title ?? filename ?? url ?? '',
    filename,
  };
}

function toToolPart(call: ToolCallPart, result: ToolResultPart | undefined, own: UIPartFields | undefined): object {
  const { id: toolCallId, name: toolName, rawInput, input, error } = call;
  const { inputEncoding, ...fields } = own ?? {};
  const isAsked = call.approval !== undefined || own?.approval?.isAutomatic === true;
  const approval = isAsked ? { ...own?.approval, ...call.approval } : undefined;
  const isFailed = result ? result.isError === true : error !== undefined;
  const state = stateOf(result !== undefined || error !== undefined, isFailed, approval);
  const output = state === 'output-available' ? (result?.output ?? null) : undefined;
  return {
    ...fields,
    type: fields.type ?? `tool-${toolName}`,
    // A dynamic tool is not named by its type.
    toolName: fields.type && toolName,
    toolCallId,
    state,
    input: inputEncoding === 'text' ? (input ?? rawInput) : inputOf(call),
    output,
    preliminary: result?.preliminary,
    errorText: state === 'output-error' ? outputText(result ? result.output : error?.message) : undefined,
    // A result of a call that was not allowed has no approval.
    approval: state.startsWith('output-') && approval?.approved !== (state !== 'output-denied') ? undefined : approval,
  };
}

/** https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message */
function stateOf(isDone: boolean, isFailed: boolean, approval: UIApproval | undefined): string {
  if (isDone) {
    if (!isFailed) return 'output-available';
    return approval?.approved === false ? 'output-denied' : 'output-error';
  }
  if (!approval) return 'input-available';
  return approval.approved === undefined ? 'approval-requested' : 'approval-responded';
}
