import { newId } from '../id.ts';
import { partsOf, type MessageInput, type Part, type ToolCallPart, type ToolResultPart } from '../message.ts';
import { inputOf } from './tool-history.ts';

/** What the wire says of a part beyond the words of ours: it stands under the provider's name in its metadata. */
interface Own {
  readonly type?: string;
  readonly approval?: object;
}

/**
 * Our messages as those of the AI SDK. There a result is part of its call, and no message has the role `tool`.
 * https://github.com/vercel/ai/blob/main/packages/ai/src/ui/ui-messages.ts
 * @param name of the provider, whose metadata the parts have.
 */
export function toUIMessages(messages: readonly MessageInput[], name: string): unknown[] {
  const results = new Map<string, ToolResultPart>();
  for (const part of messages.flatMap(partsOf)) if (part.type === 'tool-result') results.set(part.toolCallId, part);
  return messages.flatMap((message) => {
    const { id = newId(), role, metadata } = message;
    return role === 'tool'
      ? []
      : { id, role, metadata, parts: partsOf(message).map((part) => toUIPart(part, name, results)) };
  });
}

function toUIPart(part: Part, name: string, results: ReadonlyMap<string, ToolResultPart>): unknown {
  const { [name]: kept, ...rest } = part.providerMetadata ?? {};
  const own = kept as Own | undefined;
  const providerMetadata = part.providerMetadata && rest;
  switch (part.type) {
    case 'tool-call':
      return { ...toToolPart(part, results.get(part.id), own), callProviderMetadata: providerMetadata };
    case 'tool-result':
      // What follows was said with the result in sight.
      return { type: 'step-start' };
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'file': {
      const { data, url = `data:${part.mediaType};base64,${data}` } = part;
      return { ...part, data: undefined, url, ...own, providerMetadata };
    }
    case 'source': {
      const { type, id, ...fields } = part;
      const kind = part.mediaType ? 'document' : 'url';
      return { ...fields, type: `${type}-${kind}`, sourceId: id ?? part.url, providerMetadata };
    }
    case 'data':
      return { type: `data-${part.name}`, id: part.id, data: part.data, ...own, providerMetadata };
    default:
      return { ...part, ...own, providerMetadata };
  }
}

function toToolPart(call: ToolCallPart, result: ToolResultPart | undefined, own: Own | undefined): object {
  const { id: toolCallId, name: toolName, rawInput, error } = call;
  const approval = call.approval && { ...own?.approval, ...call.approval };
  const isFailed = result ? result.isError : error;
  const isDenied = isFailed && approval?.approved === false;
  const asked = approval?.approved === undefined ? 'approval-requested' : 'approval-responded';
  const ended = isDenied ? 'output-denied' : isFailed ? 'output-error' : 'output-available';
  return {
    type: `tool-${toolName}`,
    ...own,
    // A dynamic tool is not named by its type.
    toolName: own?.type && toolName,
    toolCallId,
    state: result || error ? ended : approval ? asked : 'input-available',
    input: inputOf(call),
    rawInput: error && isFailed && !isDenied ? rawInput : undefined,
    output: isFailed ? undefined : result?.output,
    preliminary: result?.preliminary,
    errorText: isFailed && !isDenied ? toText(result ? result.output : error?.message) : undefined,
    approval,
  };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
