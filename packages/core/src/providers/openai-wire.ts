// The chunk that `openai` loads beside the page.
export { createDecoder } from './openai-decoder.ts';
export { prepareRequest } from './openai-request.ts';
export { postRequest } from './post-request.ts';
