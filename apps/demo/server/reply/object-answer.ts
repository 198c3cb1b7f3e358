import { composeValue } from './json/value.ts';
import type { JsonSchema, Question, Tool } from './question.ts';

/** An answer in JSON, and how it is to go wrong if the prompt asks for that. */
export interface ObjectAnswer {
  content: string;
  finishReason: 'stop' | 'length' | 'refusal';
  /** The connection is to break after this part of the content. */
  cutAt?: number | undefined;
}

/** What the last, or the first, line of the prompt may command. */
const COMMANDS = {
  cut: /^(please )?(cut (the|your|this) (answer|json|object) off|cut off (the|your) (answer|json|object)|break off|lose the connection)$/i,
  limit: /^(please )?((run into|reach|hit) the token limit|stop at the limit)$/i,
  broken: /^(please )?(break|garble|damage) (the|your) (json|syntax|arguments|tool call)$/i,
  invalid: /^(please )?((ignore|violate|break) the schema|answer against the schema|give wrong (types|arguments))$/i,
  refused:
    /^(please )?(refuse|decline)( to answer| this| it| the request)?$|^(please )?(be filtered|trip the (content )?filter)$/i,
  wrapped: /^(please )?(wrap (it|the json) in prose|explain your json|answer in prose|use a (code )?fence)$/i,
} as const;

export type Command = keyof typeof COMMANDS;

/** A command on a line of its own, at the start or the end, or after the last sentence; and the prompt without it. */
export function readCommand(prompt: string): { command: Command | undefined; rest: string } {
  const pieces = prompt.trimEnd().split(/(?<=[.!?])\s+|\n+/);
  for (const at of new Set([pieces.length - 1, 0])) {
    const piece = (pieces[at] ?? '').trim().replace(/[\s.!]+$/, '');
    const command = (Object.keys(COMMANDS) as Command[]).find((name) => COMMANDS[name].test(piece));
    if (command) {
      const found = pieces[at] ?? '';
      const rest = at === 0 ? prompt.replace(found, '') : prompt.slice(0, prompt.lastIndexOf(found));
      return { command, rest: rest.trim() };
    }
  }
  return { command: undefined, rest: prompt };
}

/** The tool that an object is asked for by: one that takes the answer. Where it cannot be forced it is offered alone. */
export function answerTool({ tools, toolChoice }: Question): Tool | undefined {
  const chosen = typeof toolChoice === 'object' ? tools.find(({ name }) => name === toolChoice.name) : tools[0];
  const isMeant = typeof toolChoice === 'object' || tools.length === 1;
  const takesAnswer = chosen?.name === 'answer' || chosen?.description.startsWith('Takes the answer');
  return isMeant && toolChoice !== 'none' && takesAnswer ? chosen : undefined;
}

/** The schema that the answer has to hold to: of the request's format, of the tool that takes the answer, or written in its instructions. */
export function schemaOf(question: Question): JsonSchema | undefined {
  const { system, turns } = question;
  const given = question.schema ?? answerTool(question)?.schema;
  if (given) return given;
  const text =
    [system, ...turns.map((turn) => (turn.role === 'user' ? turn.text : ''))].find((one) => /JSON Schema/.test(one)) ??
    '';
  const start = text.indexOf('{', text.indexOf('JSON Schema'));
  if (start < 0) return undefined;
  for (let end = text.lastIndexOf('}'); end > start; end = text.lastIndexOf('}', end - 1)) {
    try {
      return JSON.parse(text.slice(start, end + 1)) as JsonSchema;
    } catch {
      // There was more after it: up to the bracket before, then.
    }
  }
  return undefined;
}

/** The prompt that an object is wanted for. A request to repair an answer is about the one before. */
export function objectPrompt({ turns }: Question): { prompt: string; isRepair: boolean } {
  const prompts = turns.flatMap((turn) => (turn.role === 'user' ? turn.text : []));
  const isRepair = /^Your answer (does not fit|could not be read)/.test(prompts.at(-1) ?? '');
  return {
    prompt:
      (isRepair
        ? prompts.findLast((prompt) => !/^Your answer (does not fit|could not be read)/.test(prompt))
        : prompts.at(-1)) ?? '',
    isRepair,
  };
}

export function composeObject(question: Question, schema: JsonSchema, hasJsonMode: boolean): ObjectAnswer {
  const { prompt, isRepair } = objectPrompt(question);
  const { command: read, rest } = readCommand(prompt);
  // What it was told to do wrong it does once.
  const command = isRepair ? undefined : read;
  const subject = rest || prompt;
  if (command === 'refused') {
    return { content: 'The offline demo model was asked to refuse this, and does.', finishReason: 'refusal' };
  }
  const value = composeValue(schema, subject);
  const json = JSON.stringify(command === 'invalid' ? spoil(value) : value);
  const written = command === 'broken' ? damage(json) : json;
  const content = command === 'wrapped' || !hasJsonMode ? wrap(written) : written;
  if (command === 'limit') return { content: content.slice(0, Math.ceil(content.length / 2)), finishReason: 'length' };
  return { content, finishReason: 'stop', cutAt: command === 'cut' ? Math.floor(content.length * 0.6) : undefined };
}

/** A model without a JSON mode is polite, and fences what it writes. */
function wrap(json: string): string {
  return `Here is what I found in your text, as JSON:\n\n\`\`\`json\n${JSON.stringify(tryParse(json) ?? json, null, 2)}\n\`\`\`\n\nTell me if something is missing.`;
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** No JSON any more, from the middle on: a colon that became an equals sign, or a bracket that does not fit. */
export function damage(json: string): string {
  const at = json.indexOf('":', Math.floor(json.length / 2));
  const place = at < 0 ? json.lastIndexOf('":') : at;
  return place < 0 ? `${json.slice(0, -1)}}]` : `${json.slice(0, place)}" =${json.slice(place + 2)}`;
}

/** JSON, but not what was asked for: the first value of each object is of another type. */
export function spoil(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map(spoil) : { wrong: true };
  if (typeof value !== 'object' || value === null) return { wrong: true };
  const entries = Object.entries(value);
  const number = entries.findIndex(([, one]) => typeof one === 'number' || typeof one === 'boolean');
  const wrong = number < 0 ? 0 : number;
  if (entries.length === 0) return { unexpected: true };
  return Object.fromEntries(
    entries.map(([name, one], index) => [
      name,
      index === wrong
        ? typeof one === 'string'
          ? [one]
          : 'not sure'
        : typeof one === 'object' && one !== null
          ? spoil(one)
          : one,
    ]),
  );
}
