import { useStickToBottom } from '@rivulet/react';
import { render, screen, waitFor } from '@testing-library/react';
import { type ReactElement, StrictMode, useState } from 'react';
import { flushSync } from 'react-dom';
import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

let add: (lines: number) => void;
const onRender = vi.fn<() => void>();

function Thread({ start = 30 }: { start?: number }): ReactElement {
  const [lines, setLines] = useState(start);
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom();
  onRender();
  add = (more) => setLines((now) => now + more);
  return (
    <>
      <div
        ref={scrollRef}
        data-testid="thread"
        tabIndex={0}
        style={{ height: 200, overflowY: 'auto', scrollBehavior: 'smooth', font: '16px/20px monospace' }}
      >
        <div ref={contentRef}>
          {Array.from({ length: lines }, (_, line) => (
            <div key={line}>Line {line}</div>
          ))}
          <pre data-testid="code" style={{ height: 60, overflowY: 'auto' }}>
            {'code\n'.repeat(20)}
          </pre>
        </div>
      </div>
      <button onClick={scrollToBottom}>{isAtBottom ? 'at the end' : 'to the end'}</button>
    </>
  );
}

const frames = async (count = 3): Promise<void> => {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};

function distance(): number {
  const { scrollHeight, clientHeight, scrollTop } = screen.getByTestId('thread');
  return Math.round(scrollHeight - clientHeight - scrollTop);
}

async function grow(lines: number): Promise<void> {
  add(lines);
  await frames();
}

/** Waits until a scroller has come to rest: wheels and keys scroll smoothly. */
async function rest(): Promise<void> {
  for (let last = NaN; last !== distance(); await frames(4)) last = distance();
}

async function showThread(start?: number): Promise<HTMLElement> {
  render(<Thread {...(start !== undefined && { start })} />);
  await frames();
  return screen.getByTestId('thread');
}

test('starts at the bottom and follows what is added, within the frame', async () => {
  await showThread();
  expect(distance()).toBe(0);
  for (const lines of [1, 5, 40]) {
    await grow(lines);
    expect(distance()).toBe(0);
  }
  expect(screen.getByRole('button').textContent).toBe('at the end');
});

test('follows when the space for it changes', async () => {
  const thread = await showThread();
  thread.style.height = '120px';
  await frames();
  expect(distance()).toBe(0);
});

test('the wheel lets go at once, however little it moves', async () => {
  const thread = await showThread();
  await userEvent.wheel(thread, { delta: { y: -30 } });
  await rest();
  const { scrollTop } = thread;
  await grow(10);
  expect(thread.scrollTop).toBe(scrollTop);
  expect(distance()).toBeGreaterThan(200);
  expect(screen.getByRole('button').textContent).toBe('to the end');
});

test('coming back to the bottom takes hold again', async () => {
  const thread = await showThread();
  await userEvent.wheel(thread, { delta: { y: -300 } });
  await rest();
  await grow(3);
  expect(distance()).toBeGreaterThan(70);
  await userEvent.wheel(thread, { delta: { y: 5000 } });
  await rest();
  await grow(10);
  expect(distance()).toBe(0);
  expect(screen.getByRole('button').textContent).toBe('at the end');
});

test('keys let go and take hold again', async () => {
  const thread = await showThread();
  thread.focus();
  await userEvent.keyboard('{PageUp}');
  await rest();
  await grow(10);
  expect(distance()).toBeGreaterThan(300);
  await userEvent.keyboard('{End}');
  await rest();
  await grow(10);
  expect(distance()).toBe(0);
});

test('a finger that pulls down lets go, one that pushes up does not', async () => {
  const thread = await showThread();
  const touch = (type: string, clientY: number): void => {
    const touches = [new Touch({ identifier: 1, target: thread, clientY })];
    thread.dispatchEvent(new TouchEvent(type, { touches, bubbles: true }));
  };
  touch('touchstart', 100);
  touch('touchmove', 90);
  await grow(5);
  expect(distance()).toBe(0);
  touch('touchmove', 95);
  await grow(5);
  expect(distance()).toBe(100);
});

test('being scrolled up in any other way lets go', async () => {
  const thread = await showThread();
  thread.scrollTo({ top: 100, behavior: 'instant' });
  await frames();
  await grow(10);
  expect(thread.scrollTop).toBe(100);
});

test('a wheel over code that scrolls by itself lets nothing go', async () => {
  await showThread();
  const code = screen.getByTestId('code');
  code.scrollTop = 100;
  await frames();
  await userEvent.wheel(code, { delta: { y: -40 } });
  await rest();
  await grow(5);
  expect(distance()).toBe(0);
});

test('selected text is not moved, and the end is followed again once nothing is selected', async () => {
  const thread = await showThread();
  const line = screen.getByText('Line 29');
  getSelection()?.selectAllChildren(line);
  await frames();
  const { scrollTop } = thread;
  await grow(2);
  expect(thread.scrollTop).toBe(scrollTop);
  getSelection()?.removeAllRanges();
  await frames();
  await grow(2);
  expect(distance()).toBe(0);

  getSelection()?.selectAllChildren(line);
  await frames();
  await grow(20);
  getSelection()?.removeAllRanges();
  await frames();
  await grow(2);
  expect(distance()).toBeGreaterThan(300);
});

test('content that gets shorter is no scrolling up', async () => {
  await showThread();
  await grow(-20);
  await grow(30);
  expect(distance()).toBe(0);
});

test('a page that does not scroll yet follows when it does', async () => {
  const thread = await showThread(2);
  await userEvent.wheel(thread, { delta: { y: -30 } });
  await rest();
  await grow(30);
  expect(distance()).toBe(0);
});

test('the app goes to the bottom at once, and follows from there', async () => {
  const thread = await showThread();
  await userEvent.wheel(thread, { delta: { y: -300 } });
  await rest();
  await grow(50);
  expect(screen.getByRole('button').textContent).toBe('to the end');
  screen.getByRole('button').click();
  expect(distance()).toBe(0);
  await grow(10);
  expect(distance()).toBe(0);
  expect(screen.getByRole('button').textContent).toBe('at the end');
});

test('following causes no render', async () => {
  await showThread();
  onRender.mockClear();
  for (let at = 0; at < 5; at += 1) await grow(1);
  expect(onRender).toHaveBeenCalledTimes(5);
});

test('works in StrictMode, and with an element that comes later', async () => {
  function Late(): ReactElement {
    const [isShown, setIsShown] = useState(false);
    return isShown ? <Thread /> : <button onClick={() => setIsShown(true)}>show</button>;
  }
  render(
    <StrictMode>
      <Late />
    </StrictMode>,
  );
  screen.getByRole('button').click();
  await waitFor(() => expect(screen.getByTestId('thread')).toBeTruthy());
  await frames();
  expect(distance()).toBe(0);
  await grow(10);
  expect(distance()).toBe(0);
});

test('thousands of updates scroll once for each frame, and attach nothing again', async () => {
  let setHeight: (height: number) => void = () => {};
  function Growing(): ReactElement {
    const [height, set] = useState(1000);
    setHeight = set;
    const { scrollRef, contentRef } = useStickToBottom();
    return (
      <div ref={scrollRef} data-testid="thread" style={{ height: 200, overflowY: 'auto' }}>
        <div ref={contentRef} style={{ height }} />
      </div>
    );
  }
  render(<Growing />);
  await waitFor(() => expect(distance()).toBe(0));
  const scrolls = vi.spyOn(Element.prototype, 'scrollTo');
  const observed = vi.spyOn(ResizeObserver.prototype, 'observe');
  const listeners = vi.spyOn(EventTarget.prototype, 'addEventListener');
  let passedFrames = 0;
  for (let update = 1; update <= 5000; update += 1) {
    flushSync(() => setHeight(1000 + update));
    if (update % 500 !== 0) continue;
    await frames(1);
    passedFrames += 1;
  }
  await waitFor(() => expect(distance()).toBe(0));
  expect(screen.getByTestId('thread').scrollHeight).toBe(6000);
  expect(scrolls.mock.calls.length).toBeGreaterThan(0);
  expect(scrolls.mock.calls.length).toBeLessThan(passedFrames * 3);
  expect(observed).not.toHaveBeenCalled();
  expect(listeners).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
