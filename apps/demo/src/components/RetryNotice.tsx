import type { UseCompletionResult } from '@rivulet/react';
import { Seconds } from './Seconds.tsx';
import { useCountdown } from './use-countdown.ts';

/** Says that the client waits before it tries again, so that the page is never silently stuck. */
export function RetryNotice({ retry: { attempt, untilMs } }: { retry: NonNullable<UseCompletionResult['retry']> }) {
  const seconds = useCountdown(untilMs);
  return (
    <p className="answer-retry">
      Attempt {attempt} failed. Trying again in <Seconds count={seconds} />.
    </p>
  );
}
