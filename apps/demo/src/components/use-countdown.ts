import { useEffect, useState } from 'react';

/** Whole seconds until a moment (epoch, ms); 0 when it has passed. */
export function useCountdown(untilMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now);

  useEffect(() => {
    const timer = setInterval(() => {
      const now = Date.now();
      setNowMs(now);
      if (now >= untilMs) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [untilMs]);

  return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
}
