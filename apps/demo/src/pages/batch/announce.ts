import type { UseBatchResult } from '@rivulet/react';

/** What a screen reader is told: that a batch began, and how it ended, never the rows in between. */
export function announce({ status, progress, error }: UseBatchResult, isRetry: boolean): string {
  const { done, failed, unsent, total = 0 } = progress;
  if (total === 0) return '';
  if (status === 'submitted' || status === 'streaming') {
    return isRetry ? 'Started again for the rows that failed.' : `Started: ${rows(total)}.`;
  }
  const failures = failed > 0 ? `, ${failed} failed` : '';
  const rest = unsent > 0 ? `, ${unsent} not sent` : '';
  const answered = `${done - failed} answered${failures}${rest}`;
  if (error) return `The batch ended early: ${error.message} ${answered}.`;
  return done + unsent < total ? `Stopped after ${done} of ${rows(total)}: ${answered}.` : `Finished: ${answered}.`;
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`;
}
