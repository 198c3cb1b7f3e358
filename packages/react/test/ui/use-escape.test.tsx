import { useEscape } from '@rivulet/react';
import { fireEvent, render, screen } from '@testing-library/react';
import { type ReactElement, StrictMode, useState } from 'react';
import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { failOnConsoleErrors } from '../support/react-warnings.ts';

failOnConsoleErrors();

const stop = vi.fn<() => void>();

function Page({ isRunning = true }: { isRunning?: boolean }): ReactElement {
  const [isOpen, setIsOpen] = useState(true);
  useEscape(isRunning ? stop : undefined);
  return (
    <>
      <textarea />
      <p>text</p>
      <input
        role="combobox"
        aria-expanded={isOpen}
        aria-controls="list"
        onKeyDown={({ key }) => key === 'Escape' && setIsOpen(false)}
      />
      <select aria-label="held" onKeyDown={(event) => event.preventDefault()} />
      <dialog>
        <button>within</button>
      </dialog>
      <div popover="auto">popover</div>
    </>
  );
}

function show(page: ReactElement = <Page />): void {
  stop.mockClear();
  render(page);
}

test('Escape stops, wherever the focus is, once a press', async () => {
  show(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await userEvent.keyboard('{Escape}');
  expect(stop).toHaveBeenCalledTimes(1);
  screen.getByRole('textbox').focus();
  await userEvent.keyboard('{Escape}');
  expect(stop).toHaveBeenCalledTimes(2);
  await userEvent.keyboard('{Enter}a');
  fireEvent.keyDown(document.body, { key: 'Escape', repeat: true });
  expect(stop).toHaveBeenCalledTimes(2);
});

test('nothing is listened to while nothing can be stopped', async () => {
  show(<Page isRunning={false} />);
  const event = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
  expect(stop).not.toHaveBeenCalled();
});

test('a dialog that is open closes first', async () => {
  show();
  const dialog = document.querySelector('dialog')!;
  dialog.showModal();
  await userEvent.keyboard('{Escape}');
  expect(dialog.open).toBe(false);
  expect(stop).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(stop).toHaveBeenCalledTimes(1);
});

test('a popover that is open closes first', async () => {
  show();
  const popover = document.querySelector<HTMLElement>('[popover]')!;
  popover.showPopover();
  await userEvent.keyboard('{Escape}');
  expect(popover.matches(':popover-open')).toBe(false);
  expect(stop).not.toHaveBeenCalled();
});

test('a list that closes on Escape keeps the key, although it is closed by then', async () => {
  show();
  const box = screen.getByRole('combobox', { name: '' });
  box.focus();
  await userEvent.keyboard('{Escape}');
  expect(box.getAttribute('aria-expanded')).toBe('false');
  expect(stop).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(stop).toHaveBeenCalledTimes(1);
});

test('who prevents the default keeps the key', async () => {
  show();
  screen.getByLabelText('held').focus();
  await userEvent.keyboard('{Escape}');
  expect(stop).not.toHaveBeenCalled();
});

test.each([{ isComposing: true }, { keyCode: 229 }])('an input method with %o keeps the key', (fields) => {
  show();
  fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Escape', ...fields });
  expect(stop).not.toHaveBeenCalled();
});
