import { isImeEvent } from '@rivulet/react';
import { render, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

const send = vi.fn<() => void>();

function Composer(): ReactElement {
  return <textarea onKeyDown={(event) => event.key === 'Enter' && !isImeEvent(event) && send()} />;
}

const keyDown = (fields: KeyboardEventInit): KeyboardEvent =>
  new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...fields });

test('Enter that picks a word does not send, Enter after it does', async () => {
  render(<Composer />);
  const box = screen.getByRole('textbox');
  box.focus();
  box.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
  box.dispatchEvent(keyDown({ isComposing: true }));
  box.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '川' }));
  // Safari tells of the key only now.
  box.dispatchEvent(keyDown({ keyCode: 229 }));
  expect(send).not.toHaveBeenCalled();
  await userEvent.keyboard('{Enter}');
  expect(send).toHaveBeenCalledTimes(1);
});

test("takes the browser's events and React's", () => {
  expect(isImeEvent(keyDown({ isComposing: true }))).toBe(true);
  expect(isImeEvent(keyDown({ keyCode: 13 }))).toBe(false);
  expect(isImeEvent({ nativeEvent: { isComposing: true } })).toBe(true);
  expect(isImeEvent({ nativeEvent: { isComposing: false, keyCode: 13 } })).toBe(false);
});
