/** What is asked, in whatever format it came. */
export interface Question {
  model: string;
  system: string;
  turns: readonly Turn[];
  /** The JSON Schema that the answer has to hold to. */
  schema?: JsonSchema | undefined;
  tools: readonly Tool[];
  toolChoice: 'auto' | 'required' | 'none' | { name: string };
  temperature?: number | undefined;
  /** In tokens. */
  maxTokens?: number | undefined;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export type Turn =
  | { role: 'user'; text: string; files: number }
  | { role: 'assistant'; text: string; calls: readonly Call[] }
  | { role: 'tool'; callId: string; name: string; output: string; isError: boolean };

export interface Call {
  id: string;
  name: string;
  input: unknown;
}

export interface Tool {
  name: string;
  description: string;
  schema: JsonSchema;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a body of any of the five formats: their fields have different names, so that one reader, which looks for each,
 * serves all of them.
 */
export function readQuestion(given: unknown, model?: string): Question {
  const body = fieldsOf(given);
  const config = fieldsOf(body['generationConfig']);
  const choice = fieldsOf(body['tool_choice'] ?? body['toolChoice']);
  const turns = nameResults(itemsOf(body['messages'] ?? body['input'] ?? body['contents']).flatMap(toTurns));
  const format = body['format'];
  const system = [body['system'], body['instructions'], fieldsOf(body['systemInstruction'])['parts']].map(textOf);
  return {
    model: model ?? stringOf(body['model']),
    system: [...system, ...turns.flatMap((turn) => (turn.role === 'system' ? turn.text : []))]
      .filter(Boolean)
      .join('\n'),
    turns: turns.filter((turn) => turn.role !== 'system'),
    schema: schemaOf(
      fieldsOf(fieldsOf(body['response_format'])['json_schema'])['schema'],
      fieldsOf(fieldsOf(body['text'])['format'])['schema'],
      fieldsOf(fieldsOf(body['output_config'])['format'])['schema'],
      config['responseJsonSchema'],
      config['responseSchema'],
      typeof format === 'object' ? format : undefined,
    ),
    tools: itemsOf(body['tools']).flatMap(toTools),
    toolChoice: toChoice(body['tool_choice'], choice, fieldsOf(fieldsOf(body['toolConfig'])['functionCallingConfig'])),
    temperature: numberOf(body['temperature'], config['temperature'], fieldsOf(body['options'])['temperature']),
    maxTokens: numberOf(
      body['max_completion_tokens'],
      body['max_tokens'],
      body['max_output_tokens'],
      body['maxTokens'],
      config['maxOutputTokens'],
      fieldsOf(body['options'])['num_predict'],
    ),
  };
}

/** The text of the last user message. */
export function lastPrompt({ turns }: Pick<Question, 'turns'>): string {
  return turns.findLast((turn) => turn.role === 'user')?.text ?? '';
}

export function allText({ system, turns }: Question): string {
  return [system, ...turns.map((turn) => (turn.role === 'tool' ? turn.output : turn.text))].join('\n');
}

/** What happened since the last user message. */
export function currentTurns({ turns }: Question): readonly Turn[] {
  return turns.slice(turns.findLastIndex((turn) => turn.role === 'user') + 1);
}

type AnyTurn = Turn | { role: 'system'; text: string };

function toTurns(given: unknown): AnyTurn[] {
  const message = fieldsOf(given);
  const { role, type } = message as { role?: unknown; type?: unknown };
  // Items of the Responses API that are no messages.
  if (type === 'function_call') {
    return [
      { role: 'assistant', text: '', calls: [toCall(message['call_id'], message['name'], message['arguments'])] },
    ];
  }
  if (type === 'function_call_output') return [toResult(message['call_id'], '', message['output'], false)];
  if (type === 'reasoning') return [];

  const content = message['parts'] ?? message['content'];
  const parts = Array.isArray(content) ? content.map(fieldsOf) : [];
  const text = textOf(content);
  if (role === 'system' || role === 'developer') return [{ role: 'system', text }];
  const outputs = parts.flatMap((part) =>
    part['type'] === 'tool-result'
      ? toResult(part['toolCallId'], part['name'], part['output'], part['isError'] === true)
      : [],
  );
  if (role === 'tool' && outputs.length > 0) return outputs;
  if (role === 'tool') return [toResult(message['tool_call_id'], message['tool_name'], text, false)];
  if (role === 'assistant' || role === 'model') {
    const calls = [
      ...itemsOf(message['tool_calls']).map((call) => {
        const { name, arguments: input } = fieldsOf(fieldsOf(call)['function']);
        return toCall(fieldsOf(call)['id'], name, input);
      }),
      ...parts.flatMap((part) => {
        const called = fieldsOf(part['functionCall']);
        if (part['type'] === 'tool_use') return toCall(part['id'], part['name'], part['input']);
        if (part['type'] === 'tool-call') return toCall(part['id'], part['name'], part['input'] ?? part['rawInput']);
        return part['functionCall'] ? toCall(called['id'] ?? called['name'], called['name'], called['args']) : [];
      }),
    ];
    return [{ role: 'assistant', text, calls }, ...outputs];
  }
  const results = parts.flatMap((part) => {
    if (part['type'] === 'tool_result') {
      return toResult(part['tool_use_id'], '', textOf(part['content']), part['is_error'] === true);
    }
    if (!part['functionResponse']) return [];
    const { id, name, response } = fieldsOf(part['functionResponse']);
    const { error, output } = fieldsOf(response);
    return toResult(id ?? name, name, error ?? output ?? response, error !== undefined);
  });
  const spoken = text.replace(TEXT_FILE, '');
  const textFiles = text.match(TEXT_FILE)?.length ?? 0;
  const files = parts.filter(isFile).length + itemsOf(message['images']).length + textFiles;
  return text || files > 0 || results.length === 0 ? [...results, { role: 'user', text: spoken, files }] : results;
}

/** A text file, as clients write it into a prompt. */
const TEXT_FILE = /^<file[^>\n]*>\n(?:(?!<\/file>$).*\n)*<\/file>\s*/gm;

function toCall(id: unknown, name: unknown, input: unknown): Call {
  return { id: stringOf(id), name: stringOf(name), input: typeof input === 'string' ? parse(input) : (input ?? {}) };
}

function toResult(id: unknown, name: unknown, output: unknown, isError: boolean): Turn {
  const text = typeof output === 'string' ? output : (JSON.stringify(output) ?? '');
  return { role: 'tool', callId: stringOf(id), name: stringOf(name), output: text, isError };
}

/** Some formats leave a result's tool to be looked up by its call. */
function nameResults(turns: readonly AnyTurn[]): AnyTurn[] {
  const names = new Map<string, string>();
  return turns.map((turn) => {
    if (turn.role === 'assistant') for (const { id, name } of turn.calls) names.set(id, name);
    return turn.role === 'tool' && !turn.name ? { ...turn, name: names.get(turn.callId) ?? '' } : turn;
  });
}

function toTools(given: unknown): Tool[] {
  const tool = fieldsOf(given);
  if (tool['functionDeclarations']) return itemsOf(tool['functionDeclarations']).flatMap(toTools);
  const { name, description, ...rest } = fieldsOf(tool['function'] ?? tool);
  if (typeof name !== 'string') return [];
  const schema = schemaOf(rest['parameters'], rest['input_schema'], rest['parametersJsonSchema'], rest['inputSchema']);
  return [{ name, description: stringOf(description), schema: schema ?? { type: 'object', properties: {} } }];
}

function toChoice(given: unknown, choice: Fields, gemini: Fields): Question['toolChoice'] {
  const [allowed] = itemsOf(gemini['allowedFunctionNames']);
  const name = fieldsOf(choice['function'])['name'] ?? choice['name'] ?? allowed;
  if (typeof name === 'string') return { name };
  const mode = stringOf(given) || stringOf(choice['type']) || stringOf(gemini['mode']).toLowerCase();
  if (mode === 'none') return 'none';
  return mode === 'required' || mode === 'any' ? 'required' : 'auto';
}

function isFile(part: Fields): boolean {
  return /image|file|document/.test(stringOf(part['type'])) || !!(part['inlineData'] ?? part['fileData']);
}

/** Of text, or of the parts that are text; thoughts are none. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return itemsOf(content)
    .map(fieldsOf)
    .filter((part) => !part['thought'] && part['type'] !== 'reasoning')
    .map((part) => part['text'])
    .filter((text) => typeof text === 'string')
    .join('\n');
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return text;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function itemsOf(value: unknown): unknown[] {
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(...values: readonly unknown[]): number | undefined {
  return values.find((value) => typeof value === 'number');
}

function schemaOf(...values: readonly unknown[]): JsonSchema | undefined {
  return values.find((value): value is JsonSchema => typeof value === 'object' && value !== null);
}
