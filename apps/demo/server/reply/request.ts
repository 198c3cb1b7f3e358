import type { ChatCompletionRequest, ChatMessage } from '@copilotkit/aimock';

/** The text of the last user message. */
export function lastPrompt(request: ChatCompletionRequest): string {
  const { messages } = request;
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role === 'user') return textOf(message);
  }
  return '';
}

export function allText(request: ChatCompletionRequest): string {
  return request.messages.map(textOf).join('\n');
}

/** The output limit that the request asks for, in tokens. */
export function tokenLimit(request: ChatCompletionRequest): number {
  const limit = request['max_completion_tokens'] ?? request.max_tokens;
  return typeof limit === 'number' ? limit : Infinity;
}

function textOf(message: ChatMessage): string {
  const content = message.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n');
}
