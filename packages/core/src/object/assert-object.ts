import type { Completion } from '../types/completion.ts';
import { LLMError } from '../errors/error.ts';
import type { ObjectIssue } from '../path/issue.ts';
import { textOf } from '../types/message.ts';

/** @throws {LLMError} for an answer that is no object, whatever the model wrote. */
export function checkAnswer({ finishReason, message }: Completion, rawText: string): void {
  if (finishReason === 'refusal' || finishReason === 'content-filter') {
    const said = textOf(message.parts, 'refusal');
    throw new LLMError(said || `The object was ${finishReason === 'refusal' ? 'refused' : 'filtered'}`, {
      code: 'refusal',
    });
  }
  if (finishReason === 'length') {
    throw new LLMError('The object was cut at the token limit: raise maxTokens, or ask for less', {
      code: 'truncated',
      isRetryable: false,
    });
  }
  if (!rawText.trim()) throw new LLMError('The answer has no JSON', { code: 'parse' });
}

/** @throws {LLMError} with code `validation` if there are any. */
export function checkIssues(issues: readonly ObjectIssue[]): void {
  const [first] = issues;
  if (!first) return;
  const where = first.path.length > 0 ? ` at ${first.path.join('.')}` : '';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  throw new LLMError(`The object does not fit its schema${where}: ${first.message}${more}`, {
    code: 'validation',
    issues,
  });
}
