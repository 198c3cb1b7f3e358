/** Where the server has the same answer in the protocol that each hook reads. */
export const UI_MESSAGE_PATH = '/api/chat';
export const AG_UI_PATH = '/api/agent';
