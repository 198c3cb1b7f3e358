import { useEffect, useState } from 'react';

type CopyState = 'idle' | 'copied' | 'failed';

const LABELS: Record<CopyState, string> = { idle: 'Copy', copied: 'Copied', failed: 'Copying is blocked' };
const RESET_MS = 2000;

interface CopyButtonProps {
  text: string;
  /** Told to screen readers by the page's live region. */
  onResult: (message: string) => void;
}

export function CopyButton({ text, onResult }: CopyButtonProps) {
  const [state, setState] = useState<CopyState>('idle');

  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), RESET_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
      onResult('The answer was copied.');
    } catch {
      setState('failed');
      onResult('The browser did not allow copying.');
    }
  };

  return (
    <button type="button" className="button-quiet" onClick={() => void copy()}>
      {LABELS[state]}
    </button>
  );
}
