import type { ObjectIssue } from '../path/issue.ts';
import type { MessageInput } from '../types/message.ts';
import type { GenerateRequest } from '../types/request.ts';

/** The question after an answer that did not do: `issues` say what does not fit or, if there are none, `message` does. */
export function askAgain(
  { prompt, messages = [], ...request }: GenerateRequest,
  rawText: string,
  message: string,
  issues: readonly ObjectIssue[],
): GenerateRequest {
  const list = issues.map(({ path, message: says }) => `\n- ${path.join('.') || 'all of it'}: ${says}`).join('');
  const wrong = list ? `Your answer does not fit the schema:${list}` : `Your answer could not be read. ${message}`;
  const history: MessageInput[] = [...messages];
  if (prompt !== undefined) history.push({ role: 'user', content: prompt });
  if (rawText) history.push({ role: 'assistant', content: rawText });
  history.push({ role: 'user', content: `${wrong}\nAnswer again, with all of the JSON.` });
  return { ...request, messages: history };
}
