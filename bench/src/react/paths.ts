/** Where the server has the same tokens in the protocol that each hook reads. */
export const OPENAI_PATH = '/v1/chat/completions';
export const UI_MESSAGE_PATH = '/api/completion';
