import { messageText, type Message } from '@rivulet/core';
import type { SubagentData } from '@rivulet/core/ag-ui';

/** What the subagents of an answer did: `researcher (finished): Found three papers.` */
export function describeSubagents(message: Message): string[] {
  return message.parts.flatMap((part) => {
    if (part.type !== 'data' || part.name !== 'subagent') return [];
    const { name = 'subagent', status, parts } = part.data as SubagentData;
    return `${name} (${status}): ${messageText({ role: 'assistant', parts })}`;
  });
}
