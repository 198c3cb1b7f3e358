import { partsOf, type MessageInput, type Part, type ToolResultPart } from '../../types/message.ts';
import { ownValue, record } from '../../utils/read-value.ts';
import { inlineDataOf } from '../shared/inline-data.ts';
import { isObject } from '../../utils/merge-bodies.ts';
import { createToolNames, inputOf } from '../shared/tool-history.ts';

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: { readonly functionCall?: object; thoughtSignature?: string }[];
}

/**
 * The `contents` of a request. What the parts of an answer had besides is in their metadata, under `name`, and goes back
 * as it came. https://ai.google.dev/api/caching#Content
 */
export function toContents(messages: readonly MessageInput[], name: string, model: string): Content[] {
  const nameOf = createToolNames(messages);
  const contents: Content[] = [];
  let lastKey: unknown;
  for (const message of messages) {
    if (message.role === 'system') continue;
    for (const part of partsOf(message)) {
      const isResult = part.type === 'tool-result';
      const kept = record(ownValue(part.providerMetadata, name));
      const wire = isResult ? toResponse(part, nameOf(part)) : toWirePart(part, !!kept);
      if (!wire) continue;
      // The results of parallel calls go back together.
      const key = isResult || message;
      if (key !== lastKey)
        contents.push({ role: message.role === 'assistant' && !isResult ? 'model' : 'user', parts: [] });
      lastKey = key;
      contents.at(-1)?.parts.push({ ...wire, ...kept });
    }
  }
  if (/gemini-([3-9]|\d\d)/.test(model)) contents.forEach(signCalls);
  return contents;
}

/**
 * What Google asks for with calls that another model made, or that lost their signature: without any they are refused.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
function signCalls({ parts }: Content): void {
  const calls = parts.filter((part) => part.functionCall);
  if (calls[0] && !calls.some((call) => call.thoughtSignature)) {
    calls[0].thoughtSignature = 'skip_thought_signature_validator';
  }
}

/** https://ai.google.dev/api/caching#FunctionResponse */
function toResponse({ toolCallId: id, output, isError }: ToolResultPart, name: string | undefined): object {
  return {
    functionResponse: { id, name, response: isError ? { error: output } : isObject(output) ? output : { output } },
  };
}

function toWirePart(part: Exclude<Part, ToolResultPart>, isKept: boolean): object | undefined {
  switch (part.type) {
    case 'tool-call':
      return { functionCall: { id: part.id, name: part.name, args: inputOf(part) } };
    case 'file': {
      const { mediaType: mimeType } = part;
      const data = inlineDataOf(part);
      return data === undefined ? { fileData: { mimeType, fileUri: part.url } } : { inlineData: { mimeType, data } };
    }
    case 'data':
      return isKept ? { [part.name]: part.data } : undefined;
    case 'source':
      return undefined;
    default:
      return part.text || isKept ? { text: part.text, thought: part.type === 'reasoning' || undefined } : undefined;
  }
}
