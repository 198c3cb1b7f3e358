import { chromium, type Browser, type CDPSession } from 'playwright-core';
import { findChromium } from '../support/chromium.ts';

/** A tab that can be hidden and frozen. Playwright's own pages cannot: it keeps them visible. */
export interface Tab {
  evaluate<T>(expression: string): Promise<T>;
  /** Puts another tab before it. */
  hide(): Promise<void>;
  show(): Promise<void>;
  /** Stops all that runs in it, until `thaw`. Only what is hidden freezes. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Starts a browser with the back/forward cache, which Playwright turns off. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ ...findChromium(), ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** Whether the tabs of this browser are hidden by others. Those of the smallest builds are always visible. */
export async function canHide(browser: Browser): Promise<boolean> {
  const tab = await openTab(browser, 'about:blank');
  return Promise.race([
    tab.hide().then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, 3000, false)),
  ]);
}

/** Opens a tab in a window of its own, out of Playwright's sight. */
export async function openTab(browser: Browser, url: string): Promise<Tab> {
  const session = await browser.newBrowserCDPSession();
  const { browserContextId } = await session.send('Target.createBrowserContext');
  const { targetId } = await session.send('Target.createTarget', { url, browserContextId });
  const other = await session.send('Target.createTarget', { url: 'about:blank', browserContextId });
  await session.send('Target.activateTarget', { targetId });
  const send = await messenger(session, targetId);

  async function evaluate<T>(expression: string): Promise<T> {
    const answer = (await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })) as {
      readonly result: { readonly value: T };
      readonly exceptionDetails?: object;
    };
    if (answer.exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
    return answer.result.value;
  }

  async function beHidden(isHidden: boolean): Promise<void> {
    await session.send('Target.activateTarget', { targetId: isHidden ? other.targetId : targetId });
    await evaluate(
      `new Promise((resolve) => {
        const look = () => document.hidden === ${isHidden} && resolve();
        document.addEventListener('visibilitychange', look);
        look();
      })`,
    );
  }

  const beInState = async (state: 'frozen' | 'active'): Promise<void> => {
    await send('Page.setWebLifecycleState', { state });
  };
  return {
    evaluate,
    hide: () => beHidden(true),
    show: () => beHidden(false),
    freeze: () => beInState('frozen'),
    thaw: () => beInState('active'),
  };
}

/** Sends commands to a target that Playwright has not attached to. */
async function messenger(
  session: CDPSession,
  targetId: string,
): Promise<(method: string, params: object) => Promise<object>> {
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (answer: { readonly result: object }) => void>();
  let count = 0;
  session.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const answer = JSON.parse(event.message) as { readonly id: number; readonly result: object };
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return async (method, params) => {
    count += 1;
    const id = count;
    const answered = new Promise<{ readonly result: object }>((resolve) => waiting.set(id, resolve));
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) });
    return (await answered).result;
  };
}
