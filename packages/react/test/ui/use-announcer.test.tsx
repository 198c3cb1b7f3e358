import { useAnnouncer, type UseAnnouncerOptions, type UseAnnouncerResult } from '@rivulet/react';
import { act, render } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const messages = {
  started: 'Generating response.',
  finished: 'Response complete.',
  stopped: 'Stopped.',
  failed: 'The response failed.',
};

let announcer: UseAnnouncerResult;

function Page(options: UseAnnouncerOptions): null {
  announcer = useAnnouncer(options);
  return null;
}

function show(options: UseAnnouncerOptions = {}): {
  readonly update: (next: UseAnnouncerOptions) => void;
  readonly unmount: () => void;
} {
  const page = (all: UseAnnouncerOptions) => (
    <StrictMode>
      <Page messages={messages} {...all} />
    </StrictMode>
  );
  const { rerender, unmount } = render(page(options));
  return { update: (next) => rerender(page({ ...options, ...next })), unmount };
}

const region = (role: 'status' | 'alert'): HTMLElement => {
  const [first, second] = document.querySelectorAll<HTMLElement>(`body > [role=${role}]`);
  expect(second).toBeUndefined();
  return first!;
};

/** What stands in a region, once a screen reader would notice. */
function said(role: 'status' | 'alert' = 'status'): string[] {
  act(() => void vi.advanceTimersByTime(100));
  return Array.from(region(role).children, ({ textContent }) => textContent ?? '');
}

test('the regions are there, empty, before anything is said, and hidden from view only', () => {
  show();
  expect(region('status').getAttribute('aria-live')).toBe('polite');
  expect(region('alert').getAttribute('aria-live')).toBe('assertive');
  expect(said()).toEqual([]);
  const { width, height } = region('status').getBoundingClientRect();
  expect([width, height]).toEqual([1, 1]);
  expect(getComputedStyle(region('status')).display).toBe('block');
});

test('a message comes a moment after its cause, and goes after seven seconds', () => {
  const { update } = show();
  update({ status: 'submitted' });
  act(() => void vi.advanceTimersByTime(99));
  expect(region('status').textContent).toBe('');
  act(() => void vi.advanceTimersByTime(1));
  expect(region('status').textContent).toBe('Generating response.');
  act(() => void vi.advanceTimersByTime(7000));
  expect(region('status').textContent).toBe('');
});

test('start and end are told once, tokens never', () => {
  const { update } = show();
  update({ status: 'submitted' });
  update({ status: 'streaming' });
  update({ status: 'streaming' });
  expect(said()).toEqual(['Generating response.']);
  update({ status: 'ready', finishReason: 'stop' });
  update({ status: 'ready', finishReason: 'stop' });
  expect(said()).toEqual(['Generating response.', 'Response complete.']);
  expect(said('alert')).toEqual([]);
});

test('a failure interrupts', () => {
  const { update } = show();
  update({ status: 'streaming' });
  update({ status: 'error' });
  expect(said('alert')).toEqual(['The response failed.']);
  expect(said()).toEqual(['Generating response.']);
});

test('a stop is told as one, or not at all', () => {
  const { update } = show();
  update({ status: 'streaming' });
  update({ status: 'ready', finishReason: 'aborted' });
  expect(said()).toEqual(['Generating response.', 'Stopped.']);
  update({ status: 'streaming', messages: {} });
  update({ status: 'ready', finishReason: 'aborted', messages: {} });
  expect(said()).toEqual(['Generating response.', 'Stopped.']);
});

test('sentences are read whole, and not more often than once a second', () => {
  const { update } = show({ messages: {} });
  update({ status: 'streaming', sentencesOf: 'Rivers mea' });
  expect(said()).toEqual([]);
  update({ status: 'streaming', sentencesOf: 'Rivers meander. They' });
  expect(said()).toEqual(['Rivers meander.']);
  update({ status: 'streaming', sentencesOf: 'Rivers meander. They do. So it is 3.5 km. Th' });
  expect(said()).toEqual(['Rivers meander.']);
  act(() => void vi.advanceTimersByTime(1000));
  expect(said()).toEqual(['Rivers meander.', ' They do. So it is 3.5 km.']);
  update({ status: 'ready', sentencesOf: 'Rivers meander. They do. So it is 3.5 km. The end', messages });
  expect(said().slice(2)).toEqual([' The end', 'Response complete.']);
  act(() => void vi.advanceTimersByTime(10_000));
  update({ status: 'streaming', sentencesOf: '川は流れる。そし' });
  expect(said()).toEqual(['川は流れる。']);
});

test('the app can say more, the same thing twice, and urgent things', () => {
  show();
  announcer.announce('Copied.');
  announcer.announce('Copied.');
  announcer.announce('Offline.', 'assertive');
  expect(said()).toEqual(['Copied.', 'Copied.']);
  expect(said('alert')).toEqual(['Offline.']);
  announcer.announce('Later.');
  announcer.clear();
  expect(said()).toEqual([]);
});

test('the regions go with the component', () => {
  const { update, unmount } = show();
  update({ status: 'submitted' });
  unmount();
  expect(document.querySelectorAll('body > [role=status], body > [role=alert]')).toHaveLength(0);
  announcer.announce('Too late.');
  vi.advanceTimersByTime(10_000);
});

test('keeps a bounded number of messages in a region, the latest ones', () => {
  show();
  act(() => {
    for (let at = 0; at < 500; at += 1) announcer.announce(`Message ${at}`);
  });
  const messagesOf = said();
  expect(messagesOf).toHaveLength(32);
  expect(messagesOf.at(-1)).toBe('Message 499');
});

test('announces a long answer without the end of a sentence in one piece, when it is complete', () => {
  const { update } = show({ status: 'submitted', messages: {} });
  let text = '';
  for (let at = 0; at < 400; at += 1) {
    text += '!'.repeat(100);
    update({ status: 'streaming', messages: {}, sentencesOf: text });
  }
  expect(said()).toEqual([]);
  update({ status: 'ready', messages: {}, sentencesOf: text });
  expect(said()).toEqual([text]);
});
