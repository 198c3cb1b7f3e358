// The chunk that `openai` loads with its first request.
export { createDecoder } from './openai-decoder.ts';
export { toWireMessages } from './openai-messages.ts';
