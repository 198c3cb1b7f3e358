'use client';

import { useEffect } from 'react';
import { isImeEvent } from './ime-event.ts';
import { useLatest } from '../internal/use-latest.ts';

/** What is open and closes on Escape. Browsers that do not know open popovers have none. */
const POPUPS = ['dialog:modal', '[aria-modal="true"]', ':popover-open'];
/** What the key was pressed in, and closes on Escape. */
const POPUP_AROUND =
  '[role="menu"], [role="listbox"], [aria-expanded="true"]:is([aria-haspopup]:not([aria-haspopup="false"]), [role="combobox"])';

function isOpen(selector: string): boolean {
  try {
    return [...document.querySelectorAll<HTMLElement>(selector)].some((element) => element.getClientRects().length > 0);
  } catch {
    return false;
  }
}

/** Whether something else closes, or leaves, on this press of Escape. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    document.fullscreenElement !== null ||
    POPUPS.some(isOpen) ||
    (target instanceof Element && target.closest(POPUP_AROUND) !== null)
  );
}

/**
 * Calls `stop` on Escape, wherever the focus is. Not if an input method, an open dialog, popover, menu or list uses the
 * key, or somebody has prevented its default. Prevents the default itself. Without `stop` nothing is listened to:
 * `useEscape(isLoading ? stop : undefined)`.
 */
export function useEscape(stop: (() => void) | undefined): void {
  const latest = useLatest(stop);
  const isActive = stop !== undefined;
  useEffect(() => {
    if (!isActive) return undefined;
    let wasTaken = false;
    // A popup may be gone when the event comes up from it.
    const before = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') wasTaken = isTaken(event);
    };
    const after = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.repeat || event.defaultPrevented || wasTaken || isImeEvent(event)) return;
      event.preventDefault();
      latest.current?.();
    };
    window.addEventListener('keydown', before, true);
    window.addEventListener('keydown', after);
    return () => {
      window.removeEventListener('keydown', before, true);
      window.removeEventListener('keydown', after);
    };
  }, [isActive, latest]);
}
