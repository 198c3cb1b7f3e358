import { LLMError } from '../../errors/error.ts';
import {
  partsOf,
  type MessageInput,
  type ToolCall,
  type ToolCallPart,
  type ToolResultPart,
} from '../../types/message.ts';
import { thrownMessage } from '../../errors/thrown.ts';
import { stringifyWellFormed } from '../../utils/well-formed.ts';
import { isObject } from '../../utils/merge-bodies.ts';
import { completeToolCall } from './tool-call.ts';

/** Half of a surrogate pair without its other half. With the flag `u`, complete pairs do not match. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * The arguments of an earlier call as an object. Servers reject a history whose arguments are anything else, in every
 * later request of the chat; broken arguments and other JSON values become `{}`, and the result of the call quotes them.
 */
export function inputOf(call: ToolCall): Readonly<Record<string, unknown>> {
  const { input } = call;
  const value = isObject(input) ? input : parsedInputOf(call);
  return isObject(value) ? value : {};
}

/**
 * The arguments of an earlier call as JSON text, for wires that carry text. It is the model's own text if that is an
 * object, because numbers of any precision survive in it; text with half a surrogate pair or a key twice is written
 * again from its value.
 */
export function argumentsOf(call: ToolCall): string {
  const { rawInput } = call;
  const parsed = parsedInputOf(call);
  if (isObject(parsed) && isPortable(rawInput, parsed)) return rawInput;
  try {
    return stringifyWellFormed(isObject(parsed) ? parsed : inputOf(call));
  } catch {
    // A value of the app's own: a cycle, or a bigint.
    return '{}';
  }
}

/**
 * The output of a tool as text: JSON, unless it is text already. Lone halves of surrogate pairs are replaced, because
 * `JSON.stringify` escapes them, and an escape within text is not recognized in the body.
 * @throws {LLMError} with code `invalid_request` for an output that is not JSON.
 */
export function outputText(output: unknown): string {
  if (typeof output === 'string') return output;
  if (output === undefined) return '';
  try {
    return stringifyWellFormed(output);
  } catch (cause) {
    const message = `The output of a tool cannot be written as JSON: ${thrownMessage(cause)}`;
    throw new LLMError(message, { code: 'invalid_request', cause });
  }
}

function parsedInputOf({ id, name, rawInput }: ToolCall): unknown {
  const isWritten = typeof rawInput === 'string' && rawInput.trim() !== '';
  return isWritten ? completeToolCall(id, name, rawInput).input : undefined;
}

/** Whether the text has no lone surrogate, escaped or not, and no key twice in one object. */
function isPortable(text: string, value: object): boolean {
  // Of a pair, one half may be escaped and the other one not.
  if (LONE_SURROGATE.test(text)) return false;
  let members = 0;
  const open: object[] = [value];
  for (let container = open.pop(); container; container = open.pop()) {
    const isList = Array.isArray(container);
    for (const [key, member] of Object.entries(container)) {
      if (!isList) members += 1;
      if (LONE_SURROGATE.test(key) || (typeof member === 'string' && LONE_SURROGATE.test(member))) return false;
      if (typeof member === 'object' && member) open.push(member as object);
    }
  }
  // Outside of strings, each colon follows a key.
  return text.replace(/"(?:[^"\\]|\\.)*"?/g, '').split(':').length === members + 1;
}

/**
 * The results of the calls of a history, by the place of the message and of the part. A result belongs to the last call
 * before it that has its id, because some servers count their calls from the start in each turn or step. Of several
 * results the last one counts.
 */
export function resultsOfCalls(
  messages: readonly MessageInput[],
): readonly (readonly (ToolResultPart | undefined)[] | undefined)[] {
  const results: (ToolResultPart | undefined)[][] = [];
  const places = new Map<string, readonly [message: number, part: number]>();
  messages.forEach((message, at) => {
    partsOf(message).forEach((part, index) => {
      if (part.type === 'tool-call') places.set(part.id, [at, index]);
      if (part.type !== 'tool-result') return;
      const place = places.get(part.toolCallId);
      if (place) (results[place[0]] ??= [])[place[1]] = part;
    });
  });
  return results;
}

/** Finds for a tool result the name of its tool, which the result itself may lack: that of the last call with its id. */
export function createToolNames(messages: readonly MessageInput[]): (result: ToolResultPart) => string | undefined {
  const lastNames = new Map<string, string>();
  const names = new Map<ToolResultPart, string | undefined>();
  for (const part of messages.flatMap(partsOf)) {
    if (part.type === 'tool-call') lastNames.set(part.id, part.name);
    else if (part.type === 'tool-result') names.set(part, lastNames.get(part.toolCallId));
  }
  return (result) => result.name ?? names.get(result);
}

/** Finds a call without a final result by its id, for a result that a later answer has. Reads the history once, if asked. */
export function createUnansweredCalls(
  messages: readonly MessageInput[] | undefined,
): (id: string) => ToolCallPart | undefined {
  let calls: Map<string, ToolCallPart> | undefined;
  return (id) => {
    calls ??= unansweredCalls(messages ?? []);
    return calls.get(id);
  };
}

function unansweredCalls(messages: readonly MessageInput[]): Map<string, ToolCallPart> {
  const calls = new Map<string, ToolCallPart>();
  for (const part of messages.flatMap(partsOf)) {
    if (part.type === 'tool-call') calls.set(part.id, part);
    else if (part.type === 'tool-result' && !part.preliminary) calls.delete(part.toolCallId);
  }
  return calls;
}
