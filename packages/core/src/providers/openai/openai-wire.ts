// The chunk that `openai` loads beside the page.
export { createDecoder } from './decoder.ts';
export { prepareRequest } from './request.ts';
export { postRequest } from '../shared/post-request.ts';
