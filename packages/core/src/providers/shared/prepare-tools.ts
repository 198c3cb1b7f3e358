import type { ValidationError } from '../../errors/error-classes.ts';
import { LLMError, toFailure } from '../../errors/error.ts';
import type { StreamEvent } from '../../types/event.ts';
import type { ToolCall } from '../../types/message.ts';
import { mayBeInexact, type InexactNumber } from '../../json/inexact-number.ts';
import { parseExactly } from '../../json/parse-exactly.ts';
import type { Path } from '../../path/path.ts';
import type { ResolvedRequest, ResolvedTool } from '../provider.ts';
import type { JsonDialect } from '../../schema/to-provider-schema.ts';
import { roundingOf } from '../../json/exact-numbers.ts';
import { textPaths } from '../../schema/atomic-paths.ts';
import type { JsonSchema } from '../../schema/json-schema.ts';
import { strictToolSchema } from '../../schema/object-format.ts';
import { createRestore } from '../../schema/strip-placeholder-nulls.ts';
import { readJsonSchema } from '../../schema/to-json-schema.ts';

/** A request whose tools are checked and translated, and how the calls of its answer are read. */
export interface PreparedTools {
  readonly request: ResolvedRequest;
  /** Returns the event with the arguments of its call as the schema of the tool means them. */
  readonly readEvent: (event: StreamEvent) => StreamEvent;
}

/**
 * Prepares the tools of a request, like the schema of an object: the schema of a strict tool is translated, and the nulls
 * that stand for absent properties are taken out of the arguments of calls, whether the tool is strict or not.
 *
 * @param dialect of the provider; without it, and for a backend, schemas are sent as they are.
 * @throws {LLMError} with code `config` for a malformed JSON Schema, and with code `invalid_request` for a strict tool
 * whose schema the provider does not accept. Both name the tool and the place.
 */
export function prepareTools(request: ResolvedRequest, dialect: JsonDialect | undefined): PreparedTools {
  const readers = new Map<string, ArgumentsReader>();

  function prepare(tool: ResolvedTool): ResolvedTool {
    const schema = toolSchema(tool);
    readers.set(tool.name, { restore: createRestore(schema), takesText: textPaths(schema) });
    if (!tool.strict || !dialect || dialect === 'backend' || dialect === 'ollama') return tool;
    const strictSchema = named(tool, () => strictToolSchema(dialect, schema));
    return strictSchema ? { ...tool, strictSchema } : { ...tool, strict: false };
  }

  function readCall(call: ToolCall): ToolCall {
    const reader = readers.get(call.name);
    if (!reader || call.error) return call;
    const exact = mayBeInexact(call.rawInput) ? parseExactly(call.rawInput) : undefined;
    const rounded = exact?.numbers.find(({ path }) => !reader.takesText(path));
    if (rounded) return withError(call, rounded);
    const input = reader.restore(exact?.numbers.length ? exact.value : call.input);
    return input === call.input ? call : { ...call, input };
  }

  return {
    request: { ...request, tools: request.tools?.map(prepare) },
    readEvent: (event) => (event.type === 'tool-call' ? { ...event, toolCall: readCall(event.toolCall) } : event),
  };
}

interface ArgumentsReader {
  readonly restore: (input: unknown) => unknown;
  /** Whether the value at a path may be text. */
  readonly takesText: (path: Path) => boolean;
}

function withError(call: ToolCall, { path, text }: InexactNumber): ToolCall {
  const { input: _, ...rest } = call;
  const issue = { path, message: roundingOf(text) };
  const message = `The arguments of ${call.name} are invalid: ${path.join('.')}: ${issue.message}`;
  return { ...rest, error: new LLMError(message, { code: 'validation', issues: [issue] }) as ValidationError };
}

function toolSchema(tool: ResolvedTool): JsonSchema {
  return named(tool, () => readJsonSchema(tool.inputSchema));
}

/** Puts the name of the tool before the message of an error. */
function named<T>({ name }: ResolvedTool, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { message, code } = toFailure(cause);
    throw new LLMError(`The inputSchema of the tool ${name} cannot be sent: ${message}`, { code, cause });
  }
}
