import { LLMError, toFailure } from '../../error.ts';
import type { StreamEvent } from '../../event.ts';
import type { ToolCall } from '../../message.ts';
import type { JsonDialect, ResolvedRequest, ResolvedTool } from '../../providers/provider.ts';
import type { JsonSchema } from './json-schema.ts';
import { strictToolSchema } from './object-format.ts';
import { createRestore } from './restore.ts';
import { readJsonSchema } from './to-json-schema.ts';

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
  const readers = new Map<string, (input: unknown) => unknown>();

  function prepare(tool: ResolvedTool): ResolvedTool {
    const schema = toolSchema(tool);
    readers.set(tool.name, createRestore(schema));
    if (!tool.strict || !dialect || dialect === 'backend' || dialect === 'ollama') return tool;
    const strictSchema = named(tool, () => strictToolSchema(dialect, schema));
    return strictSchema ? { ...tool, strictSchema } : { ...tool, strict: false };
  }

  function readCall(call: ToolCall): ToolCall {
    const read = readers.get(call.name);
    if (!read || call.error) return call;
    const input = read(call.input);
    return input === call.input ? call : { ...call, input };
  }

  return {
    request: { ...request, tools: request.tools?.map(prepare) },
    readEvent: (event) => (event.type === 'tool-call' ? { ...event, toolCall: readCall(event.toolCall) } : event),
  };
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
