import { useEffect } from 'react';

/** Calls back on Escape anywhere in the page, unless something else is using the key. */
export function useEscape(onEscape: () => void, isActive: boolean): void {
  useEffect(() => {
    if (!isActive) return undefined;
    const listen = (event: KeyboardEvent): void => {
      // In a composition, Escape cancels what is being composed.
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) onEscape();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [onEscape, isActive]);
}
