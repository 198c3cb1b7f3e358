// The chunk that runs the turns of a chat. A page shows its messages without waiting for it.
export { sendMessage } from './send-message.ts';
export { addToolApprovalResponse, addToolOutput } from './tool-answers.ts';
export { advance, startBranch } from './turn.ts';
