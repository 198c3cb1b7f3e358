import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { visibleBottom } from './visible-bottom.ts';

/** Within this many pixels of the end, scrolling counts as following it. */
const NEAR_PX = 70;
const UP_KEYS = new Set(['ArrowUp', 'PageUp', 'Home']);

/** Keeps the end of a growing answer in view until the reader scrolls up or selects text; takes it up again at the end. */
export function useFollowEnd(endRef: RefObject<HTMLElement | null>, isActive: boolean, received: number): void {
  const isFollowing = useRef(false);

  useEffect(() => {
    if (!isActive) return undefined;
    isFollowing.current = true;
    const release = (): void => {
      isFollowing.current = false;
    };
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY < 0) release();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (UP_KEYS.has(event.key) && !(event.target instanceof HTMLTextAreaElement)) release();
    };
    const onScroll = (): void => {
      if (overshoot(endRef) <= NEAR_PX) isFollowing.current = true;
    };
    addEventListener('wheel', onWheel, { passive: true });
    addEventListener('touchmove', release, { passive: true });
    addEventListener('keydown', onKey);
    addEventListener('scroll', onScroll, { passive: true });
    return () => {
      removeEventListener('wheel', onWheel);
      removeEventListener('touchmove', release);
      removeEventListener('keydown', onKey);
      removeEventListener('scroll', onScroll);
    };
  }, [endRef, isActive]);

  useLayoutEffect(() => {
    if (!isActive || received === 0 || !isFollowing.current || document.getSelection()?.isCollapsed === false) return;
    const distance = overshoot(endRef);
    // At once: a smooth scroll would be restarted by every token.
    if (distance > 0) scrollBy({ top: distance, behavior: 'instant' });
  }, [endRef, isActive, received]);
}

/** How far the end is below what can be seen of the window, in pixels. */
function overshoot(endRef: RefObject<HTMLElement | null>): number {
  const bottom = endRef.current?.getBoundingClientRect().bottom ?? 0;
  return bottom + 24 - visibleBottom();
}
