export interface LiveRegions {
  announce(message: string, isUrgent: boolean): void;
  clear(): void;
  remove(): void;
}

/** Safari overlooks what comes into a region sooner. */
const DELAY_MS = 100;
/** Long enough to be noticed, short enough that nobody comes across old messages. */
const KEPT_MS = 7000;

/** The most messages of one region: an app may announce faster than anybody listens. */
const MAX_MESSAGES = 32;

/** Shown to nobody, and not left out by screen readers, as `display: none` would be. */
const HIDDEN =
  'position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap';

function addRegion(role: 'status' | 'alert', live: 'polite' | 'assertive'): HTMLElement {
  const region = document.createElement('div');
  region.setAttribute('role', role);
  region.setAttribute('aria-live', live);
  // Only what is new is read, not what is still there of the message before.
  region.setAttribute('aria-atomic', 'false');
  region.style.cssText = HIDDEN;
  document.body.append(region);
  return region;
}

/** Adds a polite and an assertive region to the end of the page: they have to be there before there is a message. */
export function addLiveRegions(): LiveRegions {
  const polite = addRegion('status', 'polite');
  const assertive = addRegion('alert', 'assertive');
  const timers = new Set<ReturnType<typeof setTimeout>>();

  function later(work: () => void, ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  }

  function clear(): void {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    polite.replaceChildren();
    assertive.replaceChildren();
  }

  return {
    announce(message, isUrgent) {
      if (message.trim() === '') return;
      later(() => {
        // An element of its own, so that the same message twice is two changes.
        const element = document.createElement('div');
        element.textContent = message;
        const region = isUrgent ? assertive : polite;
        region.append(element);
        if (region.childElementCount > MAX_MESSAGES) region.firstElementChild?.remove();
        later(() => element.remove(), KEPT_MS);
      }, DELAY_MS);
    },
    clear,
    remove() {
      clear();
      polite.remove();
      assertive.remove();
    },
  };
}
