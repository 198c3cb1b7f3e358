'use client';

import { useCallback, useState } from 'react';

export interface UseStickToBottomOptions {
  /** How near to the bottom counts as being there, in CSS pixels. Default: 70. */
  readonly thresholdPx?: number | undefined;
}

export interface UseStickToBottomResult {
  /** For the element that scrolls. */
  readonly scrollRef: (element: HTMLElement | null) => void;
  /** For the element within it that holds all its content, and grows. */
  readonly contentRef: (element: HTMLElement | null) => void;
  /** Whether the bottom is in view, or nearly. */
  readonly isAtBottom: boolean;
  /** Goes to the bottom at once, and follows from there. */
  readonly scrollToBottom: () => void;
}

/**
 * Keeps the end of growing content in view for as long as the reader is there. Scrolling up by wheel, finger, key or bar
 * lets go, and so does selecting text; coming back to the bottom takes hold again. Never moves smoothly.
 *
 * The functions keep their identity. Renders when `isAtBottom` changes.
 */
export function useStickToBottom({ thresholdPx = 70 }: UseStickToBottomOptions = {}): UseStickToBottomResult {
  const [isAtBottom, setIsAtBottom] = useState(true);
  const [stick] = useState(() => createStick(setIsAtBottom));
  stick.thresholdPx = thresholdPx;
  return {
    scrollRef: useCallback((element) => stick.setScroller(element), [stick]),
    contentRef: useCallback((element) => stick.setContent(element), [stick]),
    isAtBottom,
    scrollToBottom: stick.scrollToBottom,
  };
}

interface Stick {
  thresholdPx: number;
  setScroller(element: HTMLElement | null): void;
  setContent(element: HTMLElement | null): void;
  readonly scrollToBottom: () => void;
}

const KEYS_UP = new Set(['ArrowUp', 'PageUp', 'Home']);
const EDITABLE = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

function createStick(onIsAtBottom: (isNear: boolean) => void): Stick {
  let scroller: HTMLElement | undefined;
  let content: HTMLElement | undefined;
  let follows = true;
  let isSelecting = false;
  let isAtBottom = true;
  let lastTop = 0;
  let lastDistance = 0;
  let lastTouchY = 0;
  let detach = (): void => undefined;
  let resizes: ResizeObserver | undefined;

  const distance = (element: HTMLElement): number => element.scrollHeight - element.clientHeight - element.scrollTop;

  function note(element: HTMLElement): void {
    lastTop = element.scrollTop;
    lastDistance = distance(element);
    const isNear = lastDistance <= stick.thresholdPx;
    if (isNear !== isAtBottom) onIsAtBottom(isNear);
    isAtBottom = isNear;
  }

  function toBottom(element: HTMLElement): void {
    // Whatever the style sheet says: a smooth way to a bottom that moves on never arrives.
    element.scrollTo({ top: element.scrollHeight, behavior: 'instant' });
    note(element);
  }

  function onResize(): void {
    if (!scroller) return;
    if (follows && !isSelecting) toBottom(scroller);
    else note(scroller);
  }

  function onScroll(): void {
    if (!scroller) return;
    const top = scroller.scrollTop;
    const left = distance(scroller);
    // Content that shrinks moves up too, but stays at the bottom.
    if (top < lastTop && left > 1) follows = false;
    else if (top > lastTop && left < lastDistance && left <= stick.thresholdPx) follows = true;
    note(scroller);
  }

  /** Lets go, unless something within is what scrolls, or there is nothing to scroll. */
  function release(target: EventTarget | null): void {
    if (!scroller) return;
    for (let element = target instanceof Element ? target : scroller; element !== scroller;) {
      if (element.scrollTop > 0) return;
      const { parentElement } = element;
      if (!parentElement) return;
      element = parentElement;
    }
    if (scroller.scrollTop > 0) follows = false;
  }

  function onWheel(event: WheelEvent): void {
    if (event.deltaY < 0 && !event.ctrlKey) release(event.target);
  }

  function onTouchStart(event: TouchEvent): void {
    lastTouchY = event.touches[0]?.clientY ?? 0;
  }

  function onTouchMove(event: TouchEvent): void {
    const y = event.touches[0]?.clientY ?? lastTouchY;
    if (y > lastTouchY && event.touches.length === 1) release(event.target);
    lastTouchY = y;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { target, key } = event;
    if (event.defaultPrevented || (target instanceof Element && target.closest(EDITABLE))) return;
    if (KEYS_UP.has(key) || (key === ' ' && event.shiftKey)) release(target);
  }

  function onSelectionChange(): void {
    const selection = scroller?.ownerDocument.getSelection();
    const isInside =
      scroller !== undefined &&
      selection != null &&
      !selection.isCollapsed &&
      selection.rangeCount > 0 &&
      selection.getRangeAt(0).intersectsNode(scroller) &&
      scroller.contains(selection.anchorNode);
    if (isSelecting && !isInside && scroller && distance(scroller) > stick.thresholdPx) follows = false;
    isSelecting = isInside;
  }

  function attach(): void {
    detach();
    const element = scroller;
    if (!element) return;
    const leaving = new AbortController();
    const options = { signal: leaving.signal, passive: true };
    element.addEventListener('scroll', onScroll, options);
    element.addEventListener('wheel', onWheel, options);
    element.addEventListener('touchstart', onTouchStart, options);
    element.addEventListener('touchmove', onTouchMove, options);
    element.addEventListener('keydown', onKeyDown, options);
    element.ownerDocument.addEventListener('selectionchange', onSelectionChange, options);
    resizes = new ResizeObserver(onResize);
    resizes.observe(element);
    if (content) resizes.observe(content);
    detach = () => {
      leaving.abort();
      resizes?.disconnect();
      resizes = undefined;
      detach = () => undefined;
    };
  }

  const stick: Stick = {
    thresholdPx: 70,
    setScroller(element) {
      scroller = element ?? undefined;
      attach();
    },
    setContent(element) {
      if (content) resizes?.unobserve(content);
      content = element ?? undefined;
      if (content) resizes?.observe(content);
    },
    scrollToBottom() {
      follows = true;
      isSelecting = false;
      if (scroller) toBottom(scroller);
    },
  };
  return stick;
}
