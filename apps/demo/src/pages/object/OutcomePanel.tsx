import type { LLMError } from '@rivulet/core';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { RetryNotice } from '../../components/RetryNotice.tsx';
import type { Asked } from './submission.ts';
import { describeOutcome } from './describe-outcome.ts';
import { formatPath } from './format-path.ts';
import type { AnyObject } from './use-any-object.ts';
import './OutcomePanel.css';

/** How many issues are listed; each is also at its value. */
const LISTED_ISSUES = 5;

interface OutcomePanelProps {
  asked: Asked;
  answer: AnyObject;
  /** Of a list: how many came whole and fit. */
  elementCount: number;
}

/** How far the object is, and how it ended. */
export function OutcomePanel({ asked, answer, elementCount }: OutcomePanelProps) {
  const { final, issues, error, retry } = answer;
  const { kind, label, text } = describeOutcome(answer);
  return (
    <section className="outcome" aria-label="Outcome" data-kind={kind}>
      <dl>
        <div>
          <dt>State</dt>
          <dd className="outcome-state">{label}</dd>
        </div>
        {asked.draft.isList && (
          <div>
            <dt>Elements</dt>
            <dd>{elementCount}</dd>
          </div>
        )}
        <div>
          <dt>Issues</dt>
          <dd data-alarming={issues.length > 0}>{issues.length}</dd>
        </div>
        <div>
          <dt>
            <code>final</code>
          </dt>
          <dd>{final === undefined ? 'not set' : 'set'}</dd>
        </div>
      </dl>
      <div className="outcome-text">
        <p>{text}</p>
        {retry && <RetryNotice retry={retry} />}
        {kind === 'unreadable' && <p className="outcome-details">{error?.message}</p>}
        {kind === 'refused' && refusalOf(error) && <p className="outcome-said">{refusalOf(error)}</p>}
        {kind === 'invalid' && (
          <ul>
            {issues.slice(0, LISTED_ISSUES).map(({ path, message }) => (
              <li key={`${formatPath(path)} ${message}`}>
                <code>{formatPath(path)}</code> {message}
              </li>
            ))}
            {issues.length > LISTED_ISSUES && <li>and {issues.length - LISTED_ISSUES} more, each at its value</li>}
          </ul>
        )}
      </div>
      {kind === 'failed' && error && <ErrorNotice error={error} mode={asked.mode} hasText={false} />}
    </section>
  );
}

/** What the model said to it, where it said something. */
function refusalOf(error: LLMError | undefined): string {
  return error?.partial?.message.parts.flatMap((part) => (part.type === 'refusal' ? part.text : [])).join('') ?? '';
}
