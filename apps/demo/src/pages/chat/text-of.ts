import type { ChatMessage } from '@rivulet/core/chat';

/** What was said, without reasoning, calls and files. */
export function textOf({ parts }: ChatMessage): string {
  return parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : [])).join('\n\n');
}
