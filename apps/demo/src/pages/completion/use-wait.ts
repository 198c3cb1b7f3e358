import { useState } from 'react';
import { useCountdown } from '../../components/use-countdown.ts';

/** How many seconds are left of a wait that begins when the component appears. */
export function useWait(delayMs: number): number {
  const [untilMs] = useState(() => Date.now() + delayMs);
  return useCountdown(untilMs);
}
