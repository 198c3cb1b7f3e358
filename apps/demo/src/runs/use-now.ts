import { useEffect, useState } from 'react';

const REFRESH_MS = 250;

/** `performance.now()`, refreshed a few times a second while `isActive`. */
export function useNow(isActive: boolean): number {
  const [nowMs, setNowMs] = useState(() => performance.now());

  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(() => setNowMs(performance.now()), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isActive]);

  return nowMs;
}
