import { checkOptions, type Fields } from '../errors/check-options.ts';
import type { ChatRequestOptions } from './chat-input.ts';
import { CALL_FIELDS, SETTING_FIELDS } from '../client/option-fields.ts';
import { LLMError } from '../errors/error.ts';
import { ownValue, record } from '../utils/read-value.ts';

// A chat outlives each request, and is stopped by `stop`.
const { signal: _, ...CALL_FIELDS_OF_CHATS } = CALL_FIELDS;

const SEND_FIELDS: Fields = { ...SETTING_FIELDS, ...CALL_FIELDS_OF_CHATS };

/** Options of `createChat`, and those that `useChat` adds. */
const CHAT_FIELDS: Fields = {
  ...SEND_FIELDS,
  client: 'anything',
  id: 'a string',
  generateId: 'a function',
  messages: 'a list',
  tools: 'anything',
  maxSteps: 'a number from 0 or Infinity',
  whenBusy: "'queue' or 'replace' or 'reject'",
  prepareMessages: 'a function',
  onContextLength: 'a function',
  continuePrompt: 'a string',
  persistence: 'a function',
  onFinish: 'a function',
  onError: 'a function',
  onData: 'a function',
  onPersistenceError: 'a function',
  chat: 'anything',
  resume: 'a boolean',
  keepAlive: 'a boolean',
};

/** @throws {LLMError} with code `config` that names the option that is unknown, wrong or missing. */
export function checkChatOptions(options: unknown): void {
  checkOptions('createChat', options, CHAT_FIELDS);
  if (typeof ownValue(options, 'client') !== 'object') {
    throw configError('client is missing: write createChat({ client: new LLMClient({ provider, model }) })');
  }
  checkTools(ownValue(options, 'tools'));
}

/**
 * The options of a send. DOM events are ignored, because `onClick={chat.continueAnswer}` passes one.
 * @throws {LLMError} with code `invalid_request` that names the option that is unknown or wrong.
 */
export function readSendOptions(options: ChatRequestOptions | undefined): ChatRequestOptions | undefined {
  if (!options || isEvent(options)) return undefined;
  checkOptions('Options of the send', options, SEND_FIELDS, 'invalid_request');
  return options;
}

/** By its shape, which events of browsers, of React and of React Aria share. */
function isEvent(value: unknown): boolean {
  const fields = record(value);
  return fields !== undefined && 'target' in fields && 'type' in fields;
}

function checkTools(tools: unknown): void {
  if (tools === undefined) return;
  const known = record(tools);
  if (!known) {
    throw configError(
      'tools must be a record by name: { weather: tool({ description, inputSchema, execute }) }; a list of tools with JSON Schemas is for client.complete and client.stream',
    );
  }
  for (const [name, value] of Object.entries(known)) {
    if (typeof record(value)?.['toJSONSchema'] === 'function') continue;
    throw configError(`tools.${name} must be made by tool(): tool({ description, inputSchema, execute })`);
  }
}

function configError(message: string): LLMError {
  return new LLMError(`createChat: ${message}`, { code: 'config' });
}
