import { useEffect, useState } from 'react';
import type { AnyObject } from './use-any-object.ts';

/** How many elements of a list came whole, and fit their schema. */
export function useElementCount(run: AnyObject['run']): number {
  const [counted, setCounted] = useState<{ run: AnyObject['run']; count: number }>({ run: undefined, count: 0 });
  useEffect(() => {
    if (!run) return undefined;
    let isGone = false;
    const count = async (): Promise<void> => {
      let elements = 0;
      for await (const _ of run.elementStream) {
        if (isGone) return;
        elements += 1;
        setCounted({ run, count: elements });
      }
    };
    // How the run ends is told elsewhere.
    count().catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [run]);
  return counted.run === run ? counted.count : 0;
}
