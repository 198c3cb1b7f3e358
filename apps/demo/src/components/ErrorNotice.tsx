import type { LLMError } from '@rivulet/core';
import type { Mode } from '../../shared/llm-endpoint.ts';
import { describeError } from './describe-error.ts';
import { Seconds } from './Seconds.tsx';
import { useWait } from '../pages/completion/use-wait.ts';
import './ErrorNotice.css';

interface ErrorNoticeProps {
  error: LLMError;
  mode: Mode;
  hasText: boolean;
}

/** What went wrong and what to do about it. It is not a live region: the page's status tells it. */
export function ErrorNotice({ error, mode, hasText }: ErrorNoticeProps) {
  const { title, advice } = describeError(error);
  return (
    <section className="error-notice" aria-labelledby="error-heading">
      <h3 id="error-heading">{title}</h3>
      <p>{advice}</p>
      {error.retryAfterMs !== undefined && <RetryAfter delayMs={error.retryAfterMs} />}
      {hasText && <p>The text that came before the failure is kept above.</p>}
      <p className="error-details">{error.message}</p>
      <p className="error-details">{facts(error, mode)}</p>
    </section>
  );
}

function RetryAfter({ delayMs }: { delayMs: number }) {
  const seconds = useWait(delayMs);
  if (seconds === 0) return <p>You can try again now.</p>;
  return (
    <p>
      You can try again in <Seconds count={seconds} />.
    </p>
  );
}

function facts({ code, status, requestId }: LLMError, mode: Mode): string {
  return [
    code,
    status === undefined ? '' : `HTTP ${status}`,
    requestId === undefined ? '' : `request ${requestId}`,
    mode === 'offline' ? 'offline demo model' : '',
    mode === 'scripted' ? 'scripted' : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
